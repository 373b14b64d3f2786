// Keeps what is PUT, streamed in, and streams it out again, over UDP and TCP: node --expose-gc bodies.mjs <port>
// GET /grown says by how many bytes memory grew during the latest body.
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCoapEndpoint } from '@motestack/coap/node';
import { MemoryWatch } from '../memory-watch.mjs';

const file = join(tmpdir(), `motestack-bodies-${process.pid}`);
// A local network: by the defaults (RFC 7252 §4.8.2) 65,536 message IDs last for 247 s, which is 265 blocks a second.
const parameters = { ackTimeoutMs: 100, maxLatencyMs: 50, piggybackWindowMs: 50, handlerTimeoutMs: 2000 };
const WRITE_BYTES = 65_536;
let watch = new MemoryWatch();

async function keep(body) {
  const out = await open(file, 'w');
  const gathered = Buffer.alloc(WRITE_BYTES);
  let length = 0;
  for await (const chunk of body) {
    watch.pass(chunk.length);
    if (length + chunk.length > WRITE_BYTES) {
      await out.write(gathered, 0, length);
      length = 0;
    }
    gathered.set(chunk, length);
    length += chunk.length;
  }
  await out.write(gathered, 0, length);
  await out.close();
}

async function* kept() {
  for await (const chunk of createReadStream(file)) {
    watch.pass(chunk.length);
    yield chunk;
  }
}

async function handler(request) {
  if (request.path[0] === 'grown') return { code: 0x45, payload: Buffer.from(String(watch.grownBytes)) };
  watch = new MemoryWatch();
  if (request.method !== 'PUT') return { code: 0x45, payload: kept(), payloadSize: (await stat(file)).size };
  await keep(request.body);
  return { code: 0x44 };
}

for (const scheme of ['coap', 'coap+tcp']) {
  const url = `${scheme}://127.0.0.1:${process.argv[2]}`;
  await openCoapEndpoint({ url, parameters, streamRequestBody: () => true, handler });
}
