// A server core under ClientHellos of spoofed addresses: its heap, and what is left for an established peer. The cores
// stand in one process, without sockets, and seconds are those of the processor: what else runs does not count.
// node --expose-gc dtls-flood.mjs [seconds]
import { converse, key, newClient, newServer, shapes } from './dtls-parts.mjs';

const FLOOD_PER_SECOND = 20_000;
const seconds = Number(process.argv[2] ?? 10);
const server = newServer();
const client = newClient(shapes.psk.client);
const told = converse(client, server, 'peer', client.connect(0));
const { peer } = told.find((event) => event.kind === 'connected' && event.peer !== undefined);
const hello = newClient(shapes.psk.client).connect(0).transmits[0].bytes;
let spoofed = 0;

function flood() {
  spoofed++;
  server.handleDatagram(
    `10.${(spoofed >>> 16) & 255}.${(spoofed >>> 8) & 255}.${spoofed & 255}:${spoofed % 60_000}`,
    hello,
    0,
  );
}

/** Milliseconds of the processor. */
function spent() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Records that the server opened and answered within a time; the peer's own work counts too. */
function throughput(milliseconds, perSecond) {
  const begun = spent();
  let [echoes, floods] = [0, 0];
  for (let now = begun; now < begun + milliseconds; now = spent()) {
    for (; floods < ((now - begun) * perSecond) / 1000; floods++) flood();
    for (let index = 0; index < 10; index++, echoes++)
      for (const { bytes } of client.send(key, 0).transmits)
        if (server.handleDatagram('peer', bytes, 0).events.length === 1) server.send(peer, key);
  }
  return { echoes: (echoes * 1000) / milliseconds, floods: (floods * 1000) / milliseconds };
}

throughput(2000, 0);
throughput(1000, FLOOD_PER_SECOND);
const quiet = throughput(3000, 0);
globalThis.gc();
const before = process.memoryUsage().heapUsed;
const flooded = throughput(seconds * 1000, FLOOD_PER_SECOND);
globalThis.gc();
const after = process.memoryUsage().heapUsed;
console.table({
  'requests/s, quiet': Math.round(quiet.echoes),
  'requests/s under the flood': Math.round(flooded.echoes),
  'ClientHellos/s': Math.round(flooded.floods),
  'share that is left': Number((flooded.echoes / quiet.echoes).toFixed(2)),
  'heap grown, KB': Math.round((after - before) / 1024),
  'handshakes begun by the flood': server.stats().handshakesBegun - 1,
});
