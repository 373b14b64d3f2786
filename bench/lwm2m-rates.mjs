// Registrations, Updates and notifications a second of processor time, beside bare CoAP requests, interleaved: node --expose-gc lwm2m-rates.mjs
import { CoapEndpoint } from '@motestack/coap';
import { LwM2mServer } from '@motestack/server';
import { DeviceCrowd, links, ManualClock, random, turn } from './lwm2m-parts.mjs';

const COUNT = 5_000;
const ROUNDS = 4;
const clock = new ManualClock();
const crowd = new DeviceCrowd();
const bare = new DeviceCrowd();
const limits = { registrationsMax: 10 * COUNT };
const server = await LwM2mServer.listen({ transports: [crowd], clock, random, limits });
const answer = { code: 0x44 };
new CoapEndpoint({ transport: bare, clock, random, handler: () => answer });
const peerOf = (index) => `10.${index >>> 16}.${(index >>> 8) & 255}.${index & 255}:5683`;
const list = Buffer.from(links());

/** Microseconds of the processor for each of `COUNT` calls, with all that follows from them. */
async function cost(act) {
  // What is kept of exchanges before does not count.
  await clock.pass(300_000);
  globalThis.gc?.();
  const before = process.cpuUsage();
  for (let index = 0; index < COUNT; index++) {
    act(index);
    if (index % 50 === 0) await turn();
  }
  await turn();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / COUNT;
}

let heard = 0;
server.on('notify', (_device, { samples }) => {
  heard += samples.length;
});
/** /3/0 with manufacturer, battery level and memory free, in SenML CBOR. */
const pack = Buffer.from(
  '83a32165' + '2f332f302f' + '006130' + '036441636d65' + 'a2006139' + '021850' + 'a200623130' + '02190400',
  'hex',
);

const rows = { 'bare CoAP request': [], Register: [], 'Register again': [], Update: [], notification: [] };
for (let round = 0; round < ROUNDS; round++) {
  const name = (index) => `sensor-${round % 2}-${index}`;
  rows['bare CoAP request'].push(await cost((index) => bare.register(peerOf(index), name(index), { list })));
  rows.Register.push(await cost((index) => crowd.register(peerOf(index), `${name(index)}-${round}`, { list })));
  rows['Register again'].push(
    await cost((index) => crowd.register(peerOf(index), `${name(index)}-${round}`, { list })),
  );
  rows.Update.push(await cost((index) => crowd.update(peerOf(index))));
  if (round === 0) {
    crowd.answer = { contentFormat: 112, payload: pack };
    for (let index = 0; index < COUNT; index += 20) {
      const device = await server.device(`${name(index)}-0`);
      device.startObservation('/3/0', { contentFormat: 'senml-cbor' }).catch((error) => console.error(error.message));
    }
    await turn();
    await turn();
  }
  const { observers } = crowd;
  heard = 0;
  rows.notification.push(
    await cost((index) => crowd.notify(observers[index % observers.length], round * COUNT + index + 2, pack, 112)),
  );
  if (heard !== COUNT) throw new Error(`${heard} of ${COUNT} notifications were heard`);
}
const base = Math.min(...rows['bare CoAP request']);
console.table(
  Object.fromEntries(
    Object.entries(rows).map(([what, micros]) => {
      const sorted = micros.toSorted((left, right) => left - right);
      const best = sorted[0];
      return [
        what,
        {
          'processor each, µs (best)': Number(best.toFixed(2)),
          'median, µs': Number(sorted[sorted.length >> 1].toFixed(2)),
          'a second': Math.round(1e6 / best),
          '× bare': Number((base / best).toFixed(2)),
        },
      ];
    }),
  ),
);
await server.close();
