import { expect, test } from 'vitest';
import { CoapRouter, changed, content, openCoapClient, openCoapEndpoint } from './index.ts';

test('a router over UDP: answers, discovery, observers', async () => {
  const router = new CoapRouter();
  let celsius = 21;
  router.get('/hello/:name', ({ params }) => content(`hello ${params.name}`));
  const temperature = router.observable('/temperature', { get: () => content(String(celsius)), rt: 'temperature-c' });
  const server = await openCoapEndpoint({ url: 'coap://127.0.0.1:0', handler: router.handler });
  const client = await openCoapClient(server.localUrl);
  expect((await client.get('/hello/world')).text()).toBe('hello world');
  expect((await client.get('/.well-known/core')).text()).toBe('</temperature>;rt="temperature-c";obs');
  const seen: string[] = [];
  for await (const response of client.observe('/temperature')) {
    seen.push(response.text());
    if (seen.length === 3) break;
    celsius++;
    temperature.changed();
  }
  expect(seen).toEqual(['21', '22', '23']);
  await client.close({ timeoutMs: 1000 });
  expect(temperature.observers).toBe(0);
  await server.close();
});

test('bodies flow both ways, in pieces', async () => {
  const bytesMax = 300_000;
  const router = new CoapRouter();
  let length = 0;
  let pieces = 0;
  router.put(
    '/body',
    async ({ request }) => {
      expect(request.payload).toHaveLength(0);
      for await (const piece of request.body) {
        length += piece.length;
        pieces++;
      }
      return changed();
    },
    { streamBody: true },
  );
  router.get('/body', () => content(numbers(bytesMax)));
  const { handler, streamRequestBody } = router;
  const server = await openCoapEndpoint({ url: 'coap://127.0.0.1:0', handler, streamRequestBody });
  const client = await openCoapClient(server.localUrl);
  expect((await client.put('/body', numbers(bytesMax))).status).toBe('2.04');
  expect(length).toBe(bytesMax);
  expect(pieces).toBeGreaterThan(100);
  const response = await client.get('/body', { responseBody: 'stream' });
  expect(response.payload).toHaveLength(0);
  let at = 0;
  let wrong = 0;
  for await (const piece of response.body) {
    for (const byte of piece) if (byte !== (at++ & 0xff)) wrong++;
  }
  expect([at, wrong]).toEqual([bytesMax, 0]);
  await client.close();
  await server.close();
});

/** Bytes that count upwards, in pieces of odd lengths. */
async function* numbers(length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; ) {
    const piece = Uint8Array.from({ length: Math.min(1500, length - at) }, (_, index) => (at + index) & 0xff);
    at += piece.length;
    yield piece;
  }
}
