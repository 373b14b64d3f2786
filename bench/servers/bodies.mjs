// Keeps what is PUT, streamed in, and streams it out again: node bodies.mjs <port>
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCoapEndpoint } from '@motestack/coap/node';

const file = join(tmpdir(), `motestack-bodies-${process.pid}`);
// A local network: by the defaults (RFC 7252 §4.8.2) 65,536 message IDs last for 247 s, which is 265 blocks a second.
const parameters = { ackTimeoutMs: 100, maxLatencyMs: 50, piggybackWindowMs: 50, handlerTimeoutMs: 2000 };

const endpoint = await openCoapEndpoint({
  url: `coap://127.0.0.1:${process.argv[2]}`,
  parameters,
  streamRequestBody: () => true,
  handler: async (request) => {
    if (request.method !== 'PUT')
      return { code: 0x45, payload: createReadStream(file), payloadSize: (await stat(file)).size };
    const out = createWriteStream(file);
    for await (const chunk of request.body) {
      if (!out.write(chunk)) await new Promise((resolve) => out.once('drain', resolve));
    }
    await new Promise((resolve) => out.end(resolve));
    return { code: 0x44 };
  },
});
console.log(endpoint.localUrl);
