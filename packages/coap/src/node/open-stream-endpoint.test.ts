import { describe, expect, test } from 'vitest';
import type { ObserverRelation } from '../server/observer-relation.ts';
import type { Interceptor } from '../trace/interceptor.ts';
import { formatCode } from '../wire/index.ts';
import { openCoapClient } from './open-coap-client.ts';
import { openCoapEndpoint } from './open-coap-endpoint.ts';
import { openStreamEndpoint } from './open-stream-endpoint.ts';
import { content, later, open, pairOf, peerOf, remoteOf, SCHEMES, text } from './streams.fixture.ts';

const GET = { method: 'GET', path: ['a'] } as const;

describe.each(SCHEMES)('%s', (scheme) => {
  test('a request is answered', async () => {
    const { client, peer, server } = await pairOf(scheme, ({ path }) => content(path.join('/')));
    const response = await client.request(peer, { method: 'GET', path: ['a', 'b'] });
    expect([response.code, text(response.payload)]).toEqual([0x45, 'a/b']);
    expect(server.localUrl).toMatch(new RegExp(`^${scheme.replace('+', '\\+')}://127\\.0\\.0\\.1:\\d+$`));
    expect(client.capabilities(peer)).toMatchObject({ messageSizeMax: 65_024, bert: true });
  });

  test('many at once, answered late and out of order', async () => {
    const { client, peer, server } = await pairOf(scheme, async ({ query: [value = ''] }) => {
      for (let turn = Number(value) % 7; turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
      return content(value);
    });
    const values = Array.from({ length: 60 }, (_, index) => String(index));
    const ask = async (value: string) => text((await client.request(peer, { ...GET, query: [value] })).payload);
    expect(await Promise.all(values.map(ask))).toEqual(values);
    expect(server.stats()).toMatchObject({ connections: 1, serverExchanges: 0 });
    expect(client.stats()).toMatchObject({ transmissions: 0, clientExchanges: 0 });
  });

  test('bodies of 100,000 bytes go both ways', async () => {
    const body = Uint8Array.from({ length: 100_000 }, (_, index) => index * 7);
    const { client, peer } = await pairOf(scheme, ({ payload }) => ({ code: 0x44, payload: payload.toReversed() }));
    const response = await client.request(peer, { method: 'POST', path: ['a'], payload: body });
    expect(response.payload).toEqual(body.toReversed());
  });

  test('a ping comes back; the server may ask its client', async () => {
    const { client, peer, server } = await pairOf(scheme, () => content('server'));
    await client.ping(peer);
    client.setHandler(() => content('client'));
    const [back = ''] = server.peers();
    expect(text((await server.request(back, GET)).payload)).toBe('client');
    await server.ping(back);
  });

  test('notifications come in order until the observation is cancelled', async () => {
    const relations: ObserverRelation[] = [];
    const { client, peer, server } = await pairOf(scheme, (request) => {
      if (request.observe === 0) relations.push(request.acceptObserver());
      return content('0');
    });
    const seen: string[] = [];
    const third = later<void>();
    const ended = later<Error | undefined>();
    const observation = await client.observe(peer, GET, {
      onNotification: ({ payload }) => {
        seen.push(text(payload));
        if (seen.length === 3) third.resolve();
      },
      onEnd: ended.resolve,
    });
    expect(observation.established).toBe(true);
    for (const value of ['1', '2', '3']) relations[0]?.notify(content(value));
    await third.promise;
    expect(seen).toEqual(['1', '2', '3']);
    observation.forget();
    expect(await ended.promise).toBeUndefined();
    await client.ping(peer);
    expect(server.stats().observers).toBe(0);
  });

  test('a lost connection rejects its requests and ends its observations by name', async () => {
    const asked = later<void>();
    const relations: ObserverRelation[] = [];
    const given = later<unknown>();
    const { client, peer, server } = await pairOf(scheme, (request) => {
      if (request.observe === 0) {
        relations.push(request.acceptObserver());
        return content('0');
      }
      request.signal.addEventListener('abort', () => given.resolve(request.signal.reason));
      asked.resolve();
      return new Promise(() => {});
    });
    const ended = later<Error | undefined>();
    await client.observe(peer, GET, { onNotification: () => {}, onEnd: ended.resolve });
    const lost = { name: 'ConnectionLostError', code: 'connection-lost', peer };
    const rejected = expect(client.request(peer, { method: 'POST', path: ['a'] })).rejects.toMatchObject(lost);
    await asked.promise;
    await server.close();
    await rejected;
    expect(await ended.promise).toMatchObject({ name: 'ConnectionLostError' });
    expect(relations[0]?.signal.aborted).toBe(true);
    await given.promise;
    expect(client.stats()).toMatchObject({ connections: 0, clientExchanges: 0, observations: 0, transmissions: 0 });
  });

  test('the other side: a client that goes away takes its relations and requests with it', async () => {
    const aborted = later<void>();
    const relations: ObserverRelation[] = [];
    const { client, peer, server } = await pairOf(scheme, (request) => {
      if (request.observe === 0) relations.push(request.acceptObserver());
      return content('0');
    });
    await client.observe(peer, GET, { onNotification: () => {}, onEnd: () => {} });
    relations[0]?.signal.addEventListener('abort', aborted.resolve);
    await client.close();
    await aborted.promise;
    expect(server.stats()).toMatchObject({ connections: 0, observers: 0 });
  });

  test('after a Release the next request goes over a new connection', async () => {
    const peers = new Set<string>();
    const { client, peer, server } = await pairOf(scheme, ({ peer: from }) => {
      peers.add(from);
      return content('');
    });
    await client.request(peer, GET);
    const [back = ''] = server.peers();
    server.release(back);
    // The Pong comes behind the Release, if the connection is still there to bring it.
    await client.ping(peer).catch(() => {});
    await client.request(peer, GET);
    expect(peers.size).toBe(2);
  });

  test('nobody there: the request is rejected with the cause, and a later one connects', async () => {
    const { client, peer, server } = await pairOf(scheme, () => content('up'));
    const { localUrl } = server;
    await server.close();
    await expect(client.request(peer, GET)).rejects.toMatchObject({
      name: 'ConnectionLostError',
      cause: { code: 'ECONNREFUSED' },
    });
    const tls = scheme.startsWith('coaps')
      ? { tls: { identity: (await import('./test-keys.fixture.ts')).TEST_SERVER } }
      : {};
    await open({ url: localUrl, handler: () => content('up again'), ...tls });
    expect(text((await client.request(peer, GET)).payload)).toBe('up again');
  });
});

test.each(SCHEMES)('interceptors see what goes over %s, signaling included', async (scheme) => {
  const seen: string[] = [];
  const interceptor: Interceptor = {
    incoming: ({ code }, { byteLength }) => seen.push(`in ${formatCode(code)} ${byteLength}`),
    outgoing: ({ code }) => {
      seen.push(`out ${formatCode(code)}`);
      throw new Error('its own affair');
    },
  };
  const interceptors = [interceptor];
  const { client, peer } = await pairOf(scheme, () => content('abc'), { client: { interceptors } });
  await client.request(peer, GET);
  // Header, token and marker; over TCP the Length stands in the first byte.
  expect(seen).toEqual(['out 7.01', 'in 7.01 6', 'out 0.01', 'in 2.05 14']);
});

test('without a handler requests get 4.04, on either side (RFC 8323 §3.3)', async () => {
  const server = await open({ url: 'coap+tcp://127.0.0.1:0' });
  const client = await open({ remote: remoteOf(server) });
  expect((await client.request(peerOf(client), GET)).code).toBe(0x84);
});

test('reconnect: the connection is made at once, and again when it is lost', async () => {
  const server = await open({ url: 'coap+tcp://127.0.0.1:0' });
  const connected = later<string>();
  let onConnected = connected.resolve;
  const logger = {
    debug: (fields: object, message: string) =>
      message === 'a connection is there' && onConnected('peer' in fields ? String(fields.peer) : ''),
  };
  const client = await open({ remote: remoteOf(server), reconnect: { delayMs: 1, delayMsMax: 5 }, logger });
  expect(await connected.promise).toBe(peerOf(client));
  const again = later<string>();
  onConnected = again.resolve;
  for (const peer of server.peers()) server.release(peer);
  expect(await again.promise).toBe(peerOf(client));
  expect(client.stats().connectionsOpened).toBe(2);
});

test.each([
  [{ url: 'coap+tcp://127.0.0.1:0', remote: 'coap+tcp://127.0.0.1' }],
  [{ url: 'coaps+tcp://127.0.0.1:0' }],
  [{ url: 'coaps://127.0.0.1:0' }],
])('%o cannot be opened', async (options) => {
  await expect(openCoapEndpoint(options)).rejects.toThrow(TypeError);
});

test('an endpoint over connections needs to know where', async () => {
  await expect(openStreamEndpoint({})).rejects.toThrow(TypeError);
});

test('openCoapClient chooses by the scheme', async () => {
  const server = await open({ url: 'coap+tcp://127.0.0.1:0', handler: ({ path }) => content(path.join('/')) });
  const client = await openCoapClient(`${remoteOf(server)}/base/`);
  expect(text((await client.get('a')).payload)).toBe('base/a');
  await expect(client.get('coap+tcp://127.0.0.1:1/a')).rejects.toThrow(TypeError);
  await client.close();
});

test('both sides write more than the other reads: nobody waits for the other to begin', async () => {
  const options = {
    limits: { writeQueueBytesMax: 64 * 1024 * 1024 },
    connectionParameters: { messageBytesMax: 1_000_000 },
    parameters: { clientExchangesPerPeerMax: 500, serverExchangesPerPeerMax: 500 },
  };
  const echo = ({ payload }: { payload: Uint8Array }) => ({ code: 0x44, payload });
  const { client, peer } = await pairOf('coap+tcp', echo, { server: options, client: options });
  await client.ping(peer);
  const payload = new Uint8Array(60_000);
  const ask = () => client.request(peer, { method: 'POST', path: ['a'], payload }, { timeoutMs: 4000 });
  const answers = await Promise.all(Array.from({ length: 500 }, ask));
  expect(answers.every((answer) => answer.payload.length === payload.length)).toBe(true);
});
