// 100,000 registrations that end in one second: how long the event loop is held: node lwm2m-expiry.mjs [count]
import { LwM2mServer } from '@motestack/server';
import { DeviceCrowd, ManualClock, random, turn } from './lwm2m-parts.mjs';

const count = Number(process.argv[2] ?? 100_000);
const clock = new ManualClock();
const crowd = new DeviceCrowd({ keepsTokens: false });
const server = await LwM2mServer.listen({ transports: [crowd], clock, random, limits: { registrationsMax: count } });
let ended = 0;
server.on('deregistered', () => {
  ended += 1;
});
for (let index = 0; index < count; index++) {
  crowd.register(`10.${index >>> 16}.${(index >>> 8) & 255}.${index & 255}:5683`, `sensor-${index}`, {
    lifetime: 3_600,
  });
  if (index % 200 === 0) await turn();
}
await turn();
await clock.pass(3_599_000);
const blocks = [];
const before = process.cpuUsage();
const began = performance.now();
let used = process.cpuUsage();
await clock.pass(2_000, () => {
  // Time of the processor: other programs take some of the wall's.
  const { user, system } = process.cpuUsage(used);
  blocks.push((user + system) / 1_000);
  used = process.cpuUsage();
});
for (let rounds = 0; ended < count && rounds < 1_000; rounds++) await turn();
const { user, system } = process.cpuUsage(before);
blocks.sort((left, right) => left - right);
console.table({
  'registrations that ended': ended,
  'in, ms': Math.round(performance.now() - began),
  'processor each, µs': Number(((user + system) / count).toFixed(2)),
  'turns of the loop': blocks.length,
  'median turn, ms': Number(blocks[blocks.length >> 1].toFixed(2)),
  'longest turn, ms': Number(blocks.at(-1).toFixed(2)),
});
