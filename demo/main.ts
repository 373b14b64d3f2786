import { InMemorySecurityStore, LwM2mServer } from '@motestack/server/node';
import { DEMO_ENDPOINT, DemoDevice } from './demo-device.ts';
import { newDemoKey } from './demo-key.ts';
import { within } from './expectations.ts';
import { keyLogTo } from './key-log.ts';
import { optionValue } from './option-value.ts';
import { serve } from './serve.ts';
import * as story from './story.ts';
import { Transcript } from './transcript.ts';

const STEP_MS = 5_000;
const STORY_MS = 14_000;

async function tell(transcript: Transcript): Promise<void> {
  transcript.chapter('A server listens');
  const key = process.argv.includes('--dtls') ? newDemoKey() : undefined;
  const at = optionValue('--at') ?? (key === undefined ? 'coap://127.0.0.1:0' : 'coaps://127.0.0.1:0');
  const security = new InMemorySecurityStore(key === undefined ? [] : [{ endpoint: DEMO_ENDPOINT, credentials: key }]);
  await using server = await LwM2mServer.listen({ urls: [at], security, keyLog: keyLogTo(optionValue('--key-log')) });
  server.on('error', (error) => transcript.line('server', `error: ${error.message}`));
  const [url = ''] = server.urls;
  transcript.line('server', `listens at ${url}`);
  if (key !== undefined) transcript.line('server', `takes ${DEMO_ENDPOINT} with its pre-shared key alone`);

  transcript.chapter('A device registers');
  const demoDevice = new DemoDevice(url, key, transcript);
  const registered = story.nextEvent(server, 'registered', DEMO_ENDPOINT);
  await demoDevice.start();
  const device = await within('the registration', STEP_MS, registered);
  story.tellRegistration(device, transcript);

  transcript.chapter('The server asks what is there');
  await story.tellDiscover(device, transcript);
  await story.tellReads(device, transcript);

  transcript.chapter('A write that changes the lifetime');
  await story.tellLifetime(server, device, transcript);

  transcript.chapter('Notifications come in live');
  await story.tellObserve(device, transcript);

  transcript.chapter('A reboot');
  await story.tellReboot(server, device, transcript);

  transcript.chapter('Goodbye');
  const deregistered = story.nextEvent(server, 'deregistered', DEMO_ENDPOINT);
  await demoDevice.stop();
  await within('the De-register', STEP_MS, deregistered);
  transcript.line('device', 'has de-registered');
}

async function main(): Promise<void> {
  const transcript = new Transcript();
  if (process.argv.includes('--serve')) {
    await serve(transcript);
    return;
  }
  try {
    await within('the story', STORY_MS, tell(transcript));
    transcript.line('demo', 'every step was as it should be');
  } catch (error) {
    transcript.line('demo', `FAILED: ${error instanceof Error ? error.stack : error}`);
    process.exit(1);
  }
}

await main();
