import { expect, test } from 'vitest';
import { CoapRouter, content, openCoapClient, openCoapEndpoint } from './index.ts';

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
