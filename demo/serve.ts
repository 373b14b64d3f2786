import { once } from 'node:events';
import { formatPath } from '@motestack/model';
import { Device, Server, Temperature } from '@motestack/objects';
import { InMemorySecurityStore, LwM2mServer, type RegisteredDevice } from '@motestack/server/node';
import { DEMO_ENDPOINT } from './demo-device.ts';
import { newDemoKey } from './demo-key.ts';
import { keyLogTo } from './key-log.ts';
import { optionValue } from './option-value.ts';
import { tellRegistration } from './story.ts';
import type { Transcript } from './transcript.ts';

/** Keeps a server up until Ctrl-C and tells the story of whatever device registers. */
export async function serve(transcript: Transcript): Promise<void> {
  const key = process.argv.includes('--dtls') ? newDemoKey() : undefined;
  const stated = optionValue('--serve');
  const byDefault = key === undefined ? 'coap://[::]:5683' : 'coaps://[::]:5684';
  const at = stated === undefined || stated.startsWith('--') ? byDefault : stated;
  const endpoint = optionValue('--endpoint') ?? DEMO_ENDPOINT;
  const security = new InMemorySecurityStore(key === undefined ? [] : [{ endpoint, credentials: key }]);
  await using server = await LwM2mServer.listen({ urls: [at], security, keyLog: keyLogTo(optionValue('--key-log')) });
  transcript.line('server', `listens at ${server.urls.join(', ')}; point a device there, end with Ctrl-C`);
  if (key !== undefined) {
    const hex = Buffer.from(key.key).toString('hex');
    transcript.line(
      'server',
      `takes ${endpoint} with the identity ${key.identity} and the key ${hex} (--endpoint: another)`,
    );
  }
  const rebooted = new Set<string>();
  server.on('registered', async (device) => {
    transcript.chapter(device.endpoint);
    tellRegistration(device, transcript);
    await tellWhatItCan(device, transcript);
    if (rebooted.has(device.endpoint)) return; // it has just come back
    rebooted.add(device.endpoint);
    await attempt(transcript, `Execute ${Device.reboot} (Reboot)`, async () => {
      await device.execute(Device.reboot);
      return 'done';
    });
  });
  server.on('updated', (device) =>
    transcript.line('device', `Update: ${device.endpoint}, lifetime ${device.registration.lifetimeSeconds} s`),
  );
  server.on('deregistered', (device, reason) => transcript.line('device', `${device.endpoint} left: ${reason}`));
  server.on('error', (error) => transcript.line('server', `error: ${error.message}`));
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}

async function tellWhatItCan(device: RegisteredDevice, transcript: Transcript): Promise<void> {
  await attempt(transcript, 'Discover /3', async () => {
    const nodes = await device.discover('/3');
    return nodes.map(({ path }) => formatPath(path)).join(' ');
  });
  await attempt(transcript, `Read ${Device.manufacturer}`, () => device.read(Device.manufacturer));
  await attempt(transcript, `Read ${Device.batteryLevel}`, () => device.read(Device.batteryLevel));
  const [account = Server.at(0)] = device.instances(Server);
  await attempt(transcript, `Write ${account.lifetime} = 120`, async () => {
    await device.write(account.lifetime, 120);
    return 'done';
  });
  for (const sensor of device.instances(Temperature)) {
    await attempt(transcript, `Observe ${sensor.sensorValue}`, async () => follow(device, sensor, transcript));
  }
}

const NOTIFICATIONS_MAX = 4;
const OBSERVE_MS = 10_000;

/** The first notifications of one sensor, for ten seconds at most. */
async function follow(
  device: RegisteredDevice,
  sensor: ReturnType<typeof Temperature.at>,
  transcript: Transcript,
): Promise<string> {
  const observation = device.observe(sensor.sensorValue, { attributes: { pmin: 1, pmax: 3 } });
  const enough = setTimeout(() => void observation.cancel(), OBSERVE_MS);
  let count = 0;
  try {
    for await (const celsius of observation) {
      transcript.line('device', `Notify ${sensor.sensorValue} → ${celsius}`);
      count += 1;
      if (count === NOTIFICATIONS_MAX) break;
    }
  } finally {
    clearTimeout(enough);
  }
  return `${count} values, cancelled`;
}

/** Runs one step; what a foreign device refuses is part of its story and not an end of ours. */
async function attempt(transcript: Transcript, what: string, step: () => Promise<unknown>): Promise<void> {
  try {
    transcript.line('server', `${what} → ${await step()}`);
  } catch (error) {
    transcript.line('server', `${what} → ${error instanceof Error ? error.message : error}`);
  }
}
