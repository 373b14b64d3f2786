import { fromHex, toHex } from '@motestack/bytes';
import type { CoapEndpoint, CoapResponse } from '@motestack/coap/node';
import { ContentFormat, formatCode, openCoapEndpoint } from '@motestack/coap/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAiocoapClient, startAiocoapServer } from '../src/aiocoap.ts';
import { eventually } from '../src/eventually.ts';
import { type OurCoapServer, startOurCoapServer } from '../src/our-coap-server.ts';
import type { PeerLine, PeerProcess } from '../src/peer-process.ts';
import { readinessOf } from '../src/readiness.ts';
import { remoteOf } from '../src/remote-of.ts';

const { ready, version } = readinessOf('aiocoap');
const hex = (text: string): string => Buffer.from(text).toString('hex');
const told = (response: CoapResponse): [string, string] => [formatCode(response.code), toHex(response.payload)];

describe.skipIf(!ready)(`aiocoap ${version} / its client at our server`, () => {
  let server: OurCoapServer;
  let client: PeerProcess;
  beforeAll(async () => {
    server = await startOurCoapServer();
    client = await startAiocoapClient();
  });
  afterAll(async () => {
    await client?.quit();
    await server?.close();
  });
  const request = (method: string, path: string, more: PeerLine = {}): Promise<PeerLine> =>
    client.call('request', { method, uri: `${server.url}/${path}`, ...more });

  test('GET, piggybacked', async () => {
    expect(await request('GET', 'hello')).toMatchObject({
      code: '2.05',
      type: 'ACK',
      payload: hex('hello'),
      contentFormat: 0,
    });
  });
  test('GET, Non-confirmable', async () => {
    const answer = await request('GET', 'hello', { confirmable: false });
    expect(answer).toMatchObject({ code: '2.05', type: 'NON', payload: hex('hello') });
  });
  test('GET, unknown path: 4.04', async () => {
    expect(await request('GET', 'nowhere')).toMatchObject({ code: '4.04', type: 'ACK' });
  });
  test('DELETE where it is not allowed: 4.05', async () => {
    expect(await request('DELETE', 'hello')).toMatchObject({ code: '4.05', type: 'ACK' });
  });
  test('POST, content format and bytes come back', async () => {
    const answer = await request('POST', 'echo', { payload: '00ff80c3a4', contentFormat: 42 });
    expect(answer).toMatchObject({ code: '2.04', payload: '00ff80c3a4', contentFormat: 42 });
  });
  test('PUT, GET, PUT, POST, DELETE, GET of one resource', async () => {
    expect(await request('PUT', 'store', { payload: hex('one') })).toMatchObject({ code: '2.01', payload: '' });
    expect(await request('GET', 'store')).toMatchObject({ code: '2.05', payload: hex('one') });
    expect(await request('PUT', 'store', { payload: hex('two') })).toMatchObject({ code: '2.04' });
    expect(await request('POST', 'store', { payload: hex('+3') })).toMatchObject({
      code: '2.04',
      payload: hex('two+3'),
    });
    expect(await request('DELETE', 'store')).toMatchObject({ code: '2.02' });
    expect(await request('GET', 'store')).toMatchObject({ code: '4.04' });
  });
  test('separate response, Confirmable', async () => {
    expect(await request('GET', 'separate')).toMatchObject({ code: '2.05', type: 'CON', payload: hex('later') });
  });
  test('observe, and the observation cancelled by Reset', async () => {
    const first = await client.call('observe', { uri: `${server.url}/observe` });
    expect(first).toMatchObject({ code: '2.05', type: 'ACK' });
    const { observation } = first;
    const notified: PeerLine[] = [];
    while (notified.length < 4)
      notified.push(await client.event('notification', (line) => line.observation === observation));
    const numbers = notified.map(({ observe }) => Number(observe));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(notified.map(({ type }) => type))).toEqual(new Set(['CON', 'NON']));
    expect(server.observers.size).toBe(1);
    await client.call('cancel', { observation });
    await eventually('the observer is forgotten', () => server.observers.size === 0);
  });
});

describe.skipIf(!ready)(`aiocoap ${version} / our client at its server`, () => {
  let peer: PeerProcess;
  let endpoint: CoapEndpoint;
  beforeAll(async () => {
    const started = await startAiocoapServer();
    peer = started.peer;
    endpoint = await openCoapEndpoint({ remote: started.url });
  });
  afterAll(async () => {
    await endpoint?.close();
    await peer?.quit();
  });
  const request = (method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, payload = ''): Promise<CoapResponse> =>
    endpoint.request(remoteOf(endpoint), { method, path: [path], payload: fromHex(payload) });

  test('GET, Confirmable', async () => {
    const response = await request('GET', 'hello');
    expect(told(response)).toEqual(['2.05', hex('hello')]);
    expect(response.contentFormat).toBe(ContentFormat.TextPlain);
    expect(await peer.event('request')).toMatchObject({ type: 'CON' });
  });
  test('GET, Non-confirmable, with Accept', async () => {
    const init = { method: 'GET', path: ['hello'], confirmable: false, accept: ContentFormat.TextPlain } as const;
    expect(told(await endpoint.request(remoteOf(endpoint), init))).toEqual(['2.05', hex('hello')]);
    expect(await peer.event('request')).toMatchObject({ type: 'NON', accept: 0 });
  });
  test('GET, unknown path: 4.04', async () => {
    expect(told(await request('GET', 'nowhere'))).toEqual(['4.04', '']);
  });
  test('GET where it is not allowed: 4.05', async () => {
    expect(told(await request('GET', 'echo'))[0]).toBe('4.05');
  });
  test('POST, content format and bytes come back', async () => {
    const payload = fromHex('00ff80c3a4');
    const init = { method: 'POST', path: ['echo'], payload, contentFormat: ContentFormat.OctetStream } as const;
    const response = await endpoint.request(remoteOf(endpoint), init);
    expect(told(response)).toEqual(['2.04', '00ff80c3a4']);
    expect(response.contentFormat).toBe(ContentFormat.OctetStream);
  });
  test('PUT, GET, PUT, POST, DELETE, GET of one resource', async () => {
    expect(told(await request('PUT', 'store', hex('one')))).toEqual(['2.01', '']);
    expect(told(await request('GET', 'store'))).toEqual(['2.05', hex('one')]);
    expect(told(await request('PUT', 'store', hex('two')))).toEqual(['2.04', '']);
    expect(told(await request('POST', 'store', hex('+3')))).toEqual(['2.04', hex('two+3')]);
    expect(told(await request('DELETE', 'store'))).toEqual(['2.02', '']);
    expect(told(await request('GET', 'store'))).toEqual(['4.04', hex('nothing stored')]);
  });
  test('separate response, acknowledged once', async () => {
    const before = endpoint.stats();
    expect(told(await request('GET', 'separate'))).toEqual(['2.05', hex('later')]);
    expect(endpoint.stats().datagramsIn - before.datagramsIn).toBe(2); // the empty acknowledgement and the response
  });
  test('observe, cancelled by GET with Observe 1', async () => {
    const notified: CoapResponse[] = [];
    const ended: unknown[] = [];
    const observation = await endpoint.observe(
      remoteOf(endpoint),
      { method: 'GET', path: ['observe'] },
      { onNotification: (response) => notified.push(response), onEnd: (error) => ended.push(error) },
    );
    expect(observation.established).toBe(true);
    await eventually('three notifications', () => notified.length >= 3);
    expect(new Set(notified.map(({ code }) => formatCode(code)))).toEqual(new Set(['2.05']));
    await peer.event('observers', ({ count }) => count === 1);
    expect(told(await observation.cancel())[0]).toBe('2.05');
    await peer.event('observers', ({ count }) => count === 0);
    expect(ended.length).toBeLessThanOrEqual(1);
  });
  test('observe, forgotten: the next notification is answered with a Reset', async () => {
    const observation = await endpoint.observe(
      remoteOf(endpoint),
      { method: 'GET', path: ['observe'] },
      { onNotification: () => {}, onEnd: () => {} },
    );
    await peer.event('observers', ({ count }) => count === 1);
    observation.forget();
    await peer.event('observers', ({ count }) => count === 0);
  });
});
