// GET /state can be observed; POST /change notifies all who do. On standard input `heap` and `stats` ask for a line of JSON.
// node --expose-gc observers.mjs PORT
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { CoapRouter, content, openCoapEndpoint, ResponseCode } from '@motestack/coap/node';

const [, , port] = process.argv;
const state = content(new TextEncoder().encode('hello'));
const router = new CoapRouter();
const resource = router.observable('/state', { get: () => state });
const delay = monitorEventLoopDelay({ resolution: 1 });
router.post('/change', () => {
  delay.reset();
  resource.changed();
  return { code: ResponseCode.Changed };
});
const endpoint = await openCoapEndpoint({
  url: `coap://127.0.0.1:${port}`,
  handler: router.handler,
  parameters: { observersPerPeerMax: 100_000 },
});
delay.enable();
console.log('ready');

const say = (fields) => console.log(JSON.stringify(fields));
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'heap') {
    globalThis.gc?.();
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    say({ heapBytes: heapUsed + arrayBuffers, rss });
  } else {
    const { retransmissions, transmissions, datagramsOut, observers } = endpoint.stats();
    say({ retransmissions, transmissions, datagramsOut, observers, blockedMs: delay.max / 1e6 });
  }
});
