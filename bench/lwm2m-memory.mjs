// Heap of registered devices with two observations each: node --expose-gc lwm2m-memory.mjs [count] [same|different]
import { LwM2mServer } from '@motestack/server';
import { collectGarbage, DeviceCrowd, links, ManualClock, random, turn } from './lwm2m-parts.mjs';

const count = Number(process.argv[2] ?? 20_000);
const isSame = process.argv[3] !== 'different';
const observed = Number(process.argv[4] ?? 2);
const WARM_UP = 500;
const BATCH = 200;
const clock = new ManualClock();
const crowd = new DeviceCrowd({ keepsTokens: false });
const limits = { registrationsMax: count + WARM_UP };
const server = await LwM2mServer.listen({ transports: [crowd], clock, random, limits });
const paths = ['/3/0/9', '/4/0/2'].slice(0, observed);
server.on('error', (error) => {
  throw error;
});
let values = 0;
server.on('registered', (device) => {
  for (const path of paths) {
    device.startObservation(path).then(() => {
      values += 1;
    });
  }
});

async function register(from, to) {
  for (let index = from; index < to; index++) {
    const peer = `10.${index >>> 16}.${(index >>> 8) & 255}.${index & 255}:5683`;
    crowd.register(peer, `urn:dev:ops:32473-sensor-${index}`, isSame ? {} : { list: links(index) });
    if (index % BATCH === 0) await turn();
    // What is kept of an exchange ends after EXCHANGE_LIFETIME, and an endpoint has room for 200,000 peers at one time.
    if (index % 50_000 === 0) await clock.pass(300_000);
  }
  await turn();
  // What is kept of an exchange (duplicates, RFC 7252 §4.8.2) ends, lifetimes do not.
  await clock.pass(600_000);
  await turn();
}

await register(0, WARM_UP);
await collectGarbage();
const before = process.memoryUsage();
await register(WARM_UP, count + WARM_UP);
await collectGarbage();
const after = process.memoryUsage();
const state = server.inspect({ devicesMax: 0 });
console.table({
  devices: state.registrations,
  observations: state.observations,
  'first values': values,
  lists: isSame ? 'the same' : 'all different',
  'heap each, bytes': Math.round((after.heapUsed - before.heapUsed) / count),
  'with memory of buffers, bytes': Math.round(
    (after.heapUsed + after.external - before.heapUsed - before.external) / count,
  ),
  'RSS in all, MB': Math.round(after.rss / 1e6),
});
