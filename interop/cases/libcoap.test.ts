import { encodeUtf8 } from '@motestack/bytes';
import type { CoapEndpoint, CoapRequestInit, CoapResponse } from '@motestack/coap/node';
import { formatCode, openCoapEndpoint } from '@motestack/coap/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../src/eventually.ts';
import { type LibcoapMessage, runLibcoapClient, startLibcoapServer } from '../src/libcoap.ts';
import { type OurCoapServer, startOurCoapServer } from '../src/our-coap-server.ts';
import { readinessOf } from '../src/readiness.ts';
import { remoteOf } from '../src/remote-of.ts';

const { ready, version } = readinessOf('libcoap');

describe.skipIf(!ready)(`libcoap ${version} / its client at our server`, () => {
  let server: OurCoapServer;
  beforeAll(async () => {
    server = await startOurCoapServer();
  });
  afterAll(() => server?.close());
  const received = async (path: string, ...args: readonly string[]): Promise<LibcoapMessage[]> => {
    const messages = await runLibcoapClient(...args, `${server.url}/${path}`);
    return messages.filter(({ direction }) => direction === 'received');
  };

  test('GET, piggybacked', async () => {
    const [answer] = await received('hello');
    expect(answer).toMatchObject({ type: 'ACK', code: '2.05', options: 'Content-Format:text/plain', payload: 'hello' });
  });
  test('GET, Non-confirmable', async () => {
    expect(await received('hello', '-N')).toMatchObject([{ type: 'NON', code: '2.05', payload: 'hello' }]);
  });
  test('GET, unknown path: 4.04', async () => {
    expect(await received('nowhere')).toMatchObject([{ type: 'ACK', code: '4.04' }]);
  });
  test('DELETE where it is not allowed: 4.05', async () => {
    expect(await received('hello', '-m', 'delete')).toMatchObject([{ type: 'ACK', code: '4.05' }]);
  });
  test('PUT, GET, PUT, POST, DELETE, GET of one resource', async () => {
    expect(await received('store', '-m', 'put', '-e', 'one')).toMatchObject([{ code: '2.01' }]);
    expect(await received('store')).toMatchObject([{ code: '2.05', payload: 'one' }]);
    expect(await received('store', '-m', 'put', '-e', 'two')).toMatchObject([{ code: '2.04' }]);
    expect(await received('store', '-m', 'post', '-e', '+3')).toMatchObject([{ code: '2.04', payload: 'two+3' }]);
    expect(await received('store', '-m', 'delete')).toMatchObject([{ code: '2.02' }]);
    expect(await received('store')).toMatchObject([{ code: '4.04' }]);
  });
  test('a token of 8 bytes comes back', async () => {
    const [request, answer] = await runLibcoapClient('-T', 'abcdefgh', `${server.url}/hello`);
    expect(request?.token).toHaveLength(16);
    expect(answer).toMatchObject({ code: '2.05', token: request?.token });
  });
  test('separate response: an empty acknowledgement, then a Confirmable response that is acknowledged', async () => {
    const messages = await runLibcoapClient(`${server.url}/separate`);
    expect(messages).toMatchObject([
      { direction: 'sent', type: 'CON', code: 'GET' },
      { direction: 'received', type: 'ACK', code: '0.00', token: '' },
      { direction: 'received', type: 'CON', code: '2.05', payload: 'later' },
      { direction: 'sent', type: 'ACK', code: '0.00' },
    ]);
    expect(messages[1]?.messageId).toBe(messages[0]?.messageId);
    expect(messages[2]?.token).toBe(messages[0]?.token);
  });
  test('observe, cancelled by GET with Observe 1', async () => {
    const messages = await runLibcoapClient('-s', '2', `${server.url}/observe`);
    const notified = messages.filter(
      ({ direction, options }) => direction === 'received' && options.includes('Observe:'),
    );
    expect(notified.length).toBeGreaterThan(4);
    expect(new Set(notified.slice(1).map(({ type }) => type))).toEqual(new Set(['CON', 'NON']));
    const numbers = notified.map(({ options }) => Number(/Observe:(\d+)/.exec(options)?.[1]));
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(messages.some(({ direction, options }) => direction === 'sent' && options.includes('Observe:1'))).toBe(true);
    await eventually('the observer is forgotten', () => server.observers.size === 0);
  });
});

describe.skipIf(!ready)(`libcoap ${version} / our client at its server`, () => {
  let server: Awaited<ReturnType<typeof startLibcoapServer>>;
  let endpoint: CoapEndpoint;
  beforeAll(async () => {
    server = await startLibcoapServer();
    endpoint = await openCoapEndpoint({ remote: server.url });
  });
  afterAll(async () => {
    await endpoint?.close();
    await server?.stop();
  });
  const request = (
    method: CoapRequestInit['method'],
    path: string,
    more: Partial<CoapRequestInit> = {},
  ): Promise<CoapResponse> =>
    endpoint.request(remoteOf(endpoint), { method, path: path === '' ? [] : [path], ...more });
  const told = (response: CoapResponse): [string, string] => [
    formatCode(response.code),
    Buffer.from(response.payload).toString(),
  ];

  test('GET, Confirmable', async () => {
    const [code, text] = told(await request('GET', ''));
    expect(code).toBe('2.05');
    expect(text).toContain('libcoap');
  });
  test('GET, Non-confirmable', async () => {
    expect(told(await request('GET', '', { confirmable: false }))[0]).toBe('2.05');
  });
  test('GET, unknown path: 4.04', async () => {
    expect(told(await request('GET', 'nowhere'))[0]).toBe('4.04');
  });
  test('PUT, GET, PUT, POST, DELETE, GET of one resource', async () => {
    const payload = encodeUtf8('one');
    expect(told(await request('PUT', 'kept', { payload }))).toEqual(['2.01', '']);
    expect(told(await request('GET', 'kept'))).toEqual(['2.05', 'one']);
    expect(told(await request('PUT', 'kept', { payload: encodeUtf8('two') }))).toEqual(['2.04', '']);
    expect(told(await request('GET', 'kept'))).toEqual(['2.05', 'two']);
    expect(told(await request('POST', 'kept', { payload: encodeUtf8('3') }))[0]).toBe('2.04');
    expect(told(await request('DELETE', 'kept'))[0]).toBe('2.02');
    expect(told(await request('GET', 'kept'))[0]).toBe('4.04');
  });
  test('POST creates, and Location-Path says where', async () => {
    const response = await request('POST', 'made', { payload: encodeUtf8('x') });
    expect(formatCode(response.code)).toBe('2.01');
    expect(response.locationPath).toEqual(['made']);
  });
  test('separate response', async () => {
    const before = endpoint.stats();
    expect(told(await request('GET', 'async', { query: ['1'] }))).toEqual(['2.05', 'done']);
    expect(endpoint.stats().datagramsIn - before.datagramsIn).toBe(2); // the empty acknowledgement and the response
  });
  test('observe, cancelled by GET with Observe 1', async () => {
    const notified: CoapResponse[] = [];
    const callbacks = { onNotification: (response: CoapResponse) => notified.push(response), onEnd: () => {} };
    const observation = await endpoint.observe(remoteOf(endpoint), { method: 'GET', path: ['time'] }, callbacks);
    expect(observation.established).toBe(true);
    await eventually('two notifications', () => notified.length >= 2);
    expect(told(await observation.cancel())[0]).toBe('2.05');
    const { length } = notified;
    // libcoap's /time changes every second: a lost cancellation would show by the end of this request.
    expect(told(await request('GET', 'async', { query: ['2'] }))[1]).toBe('done');
    expect(notified.length).toBe(length);
  });
});
