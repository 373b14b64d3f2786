// Heap and memory of associations that rest, with connection IDs: node --expose-gc dtls-memory.mjs [count]
import { converse, key, newClient, newServer, shapes } from './dtls-parts.mjs';

const count = Number(process.argv[2] ?? 20_000);
const SAMPLES = 1000;
const server = newServer({ parameters: { associationsMax: count + SAMPLES } });
const kept = [];

function connect(index) {
  const address = `10.${index >>> 16}.${(index >>> 8) & 255}.${index & 255}:40000`;
  const client = newClient(shapes.psk.client);
  converse(client, server, address, client.connect(0));
  // One word of the client: the server need not keep its last flight.
  for (const { bytes } of client.send(key, 0).transmits) server.handleDatagram(address, bytes, 0);
  return { client, address };
}

/** Microseconds of a record that the server opens. */
function records(some, rounds) {
  const sent = [];
  for (let round = 0; round < rounds; round++)
    for (const { client, address } of some)
      for (const { bytes } of client.send(key, 0).transmits) sent.push({ bytes, address });
  const before = process.cpuUsage();
  let heard = 0;
  for (const { bytes, address } of sent) heard += server.handleDatagram(address, bytes, 0).events.length;
  const { user, system } = process.cpuUsage(before);
  if (heard < sent.length) throw new Error('a record was not taken');
  return (user + system) / sent.length;
}

for (let index = 0; index < SAMPLES; index++) kept.push(connect(index));
globalThis.gc();
await new Promise((resolve) => setImmediate(resolve));
globalThis.gc();
const before = process.memoryUsage();
for (let index = SAMPLES; index < count + SAMPLES; index++) {
  connect(index);
  // What the platform frees it frees between turns of the loop.
  if (index % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
}
for (let round = 0; round < 4; round++) {
  globalThis.gc();
  await new Promise((resolve) => setImmediate(resolve));
}
const after = process.memoryUsage();
records(kept.slice(0, 100), 20);
const warm = records(kept.slice(0, 100), 10);
const cold = records(kept.slice(100), 1);
console.table({
  associations: server.stats().associations,
  'heap each, bytes': Math.round((after.heapUsed - before.heapUsed) / count),
  'with memory of buffers, bytes': Math.round(
    (after.heapUsed + after.external - before.heapUsed - before.external) / count,
  ),
  'RSS in all, MB': Math.round(after.rss / 1e6),
  'record on a warm one, µs': Number(warm.toFixed(1)),
  'record on a cold one, µs': Number(cold.toFixed(1)),
  'cold / warm': Number((cold / warm).toFixed(2)),
});
