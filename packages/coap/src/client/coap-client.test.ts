import { describe, expect, test } from 'vitest';
import { bytes, content, NO_STATE, SERVER, stateLeft, text } from '../coap-endpoint.fixture.ts';
import { AbortedError, EndpointClosedError, TimeoutError } from '../errors.ts';
import { AbortSource } from '../platform/abort-source.ts';
import type { CoapRequest } from '../server/coap-request.ts';
import { OptionNumber, stringOptions } from '../wire/index.ts';
import { CoapResponseError } from './client-response.ts';
import { clientPair } from './coap-client.fixture.ts';
import { revalidate } from './revalidate.ts';

describe('methods', () => {
  test.each([
    ['GET', 'get', false],
    ['POST', 'post', true],
    ['PUT', 'put', true],
    ['DELETE', 'delete', false],
    ['FETCH', 'fetch', true],
    ['PATCH', 'patch', true],
    ['iPATCH', 'iPatch', true],
  ] as const)('%s', async (method, name, hasPayload) => {
    const seen: string[] = [];
    const { network, coap } = clientPair((request) => {
      seen.push(`${request.method} ${request.path.join('|')} ${request.query} ${request.contentFormat}`);
      return content(text(request.payload));
    });
    if (hasPayload) {
      const response = await network.settle(coap[name]('x?y=1', 'böd', { query: ['z'] }));
      expect([response.text(), response.status, response.isSuccess]).toEqual(['böd', '2.05', true]);
      await network.settle(coap[name]('x', bytes('raw'), { contentFormat: 42 }));
      await network.settle(coap[name]('x'));
    } else await network.settle(coap[name === 'get' ? 'get' : 'delete']('x?y=1', { query: ['z'] }));
    const raw = hasPayload ? [`${method} base|x  42`, `${method} base|x  undefined`] : [];
    expect(seen).toEqual([`${method} base|x y=1,z ${hasPayload ? 0 : undefined}`, ...raw]);
  });

  test('a text with a format of its own', async () => {
    const { network, coap } = clientPair(({ contentFormat, payload }) => ({ code: 0x45, contentFormat, payload }));
    const response = await network.settle(coap.post('x', '{"a":1}', { contentFormat: 50 }));
    expect([response.contentFormat, response.json()]).toEqual([50, { a: 1 }]);
  });

  test('what cannot be read is an error where it is read', async () => {
    const { network, coap } = clientPair(() => ({ code: 0x45, payload: Uint8Array.of(0xff) }));
    const response = await network.settle(coap.get(''));
    expect(() => response.text()).toThrow(expect.objectContaining({ code: 'bad-utf8' }));
    expect(() => response.json()).toThrow(expect.objectContaining({ code: 'bad-utf8' }));
  });
});

describe('targets', () => {
  const seenBy = async (target: string | readonly string[]) => {
    let seen: CoapRequest | undefined;
    const { network, coap } = clientPair((request) => {
      seen = request;
      return content('');
    });
    await network.settle(coap.get(target));
    return seen;
  };

  test.each([
    ['coap://10.0.0.1/x', ['x']],
    ['/x', ['x']],
    ['/x%2Fy/ä', ['x/y', 'ä']],
    ['../../..', []],
    ['', ['base', '']],
    [
      ['..b', 'x/y'],
      ['..b', 'x/y'],
    ],
  ])('%j', async (target, path) => {
    expect((await seenBy(target))?.path).toEqual(path);
  });

  test('a name goes along as Uri-Host [RFC 7252 §6.4]', async () => {
    const hosts: string[][] = [];
    const { network, client } = clientPair((request) => {
      hosts.push(stringOptions(request, OptionNumber.UriHost));
      return content('');
    });
    const { CoapClient } = await import('./coap-client.ts');
    const { clock, randomSource: random } = network;
    const coap = new CoapClient({ endpoint: client, clock, random, peerOf: async () => SERVER });
    await network.settle(coap.get('coap://Example.COM/'));
    await network.settle(coap.get('coap://10.0.0.1/'));
    expect(hosts).toEqual([['example.com'], []]);
    await expect(coap.get('/relative')).rejects.toThrow(TypeError);
  });

  test('what is no URL, and nobody there', async () => {
    const { coap } = clientPair(() => content(''));
    await expect(coap.get('coap://10.0.0.1:99999/')).rejects.toMatchObject({ code: 'bad-value' });
    await expect(coap.get('http://10.0.0.1/')).rejects.toMatchObject({ code: 'bad-value' });
    await expect(coap.get('/x#y')).rejects.toMatchObject({ code: 'bad-syntax' });
    await expect(coap.get('coap://10.9.9.9/')).rejects.toThrow('no such host: 10.9.9.9');
    await expect(coap.get('/%2e%2e')).rejects.toThrow('a path has no segment');
    await expect(coap.ping('coap://10.9.9.9/')).rejects.toThrow('no such host: 10.9.9.9');
  });
});

describe('options', () => {
  test('Non-confirmable, and what else a request may say', async () => {
    let seen: CoapRequest | undefined;
    const {
      network,
      coap,
      seen: lines,
    } = clientPair((request) => {
      seen = request;
      return content('');
    });
    await network.settle(
      coap.get('x', { confirmable: false, accept: 60, options: [{ number: 2048, value: bytes('o') }] }),
    );
    expect(lines[0]).toMatch(/^client NON 0\.01/);
    expect(seen).toMatchObject({ confirmable: false, accept: 60 });
    expect(seen?.options.at(-1)?.number).toBe(2048);
  });

  test('throwOnError', async () => {
    const answers = [
      { code: 0x84, payload: bytes('no such sensor') },
      { code: 0xa0, payload: Uint8Array.of(0xff) },
      { code: 0x80, contentFormat: 60, payload: bytes('a') },
      { code: 0x44 },
    ];
    const { network, coap } = clientPair(() => answers.shift() ?? content(''));
    const error = await network.settle(coap.get('x', { throwOnError: true }).catch((thrown: unknown) => thrown));
    if (!CoapResponseError.is(error)) throw error;
    expect(error).toMatchObject({ code: 'response', status: '4.04', diagnostic: 'no such sensor', peer: SERVER });
    expect(error.message).toBe('10.0.0.1:5683 answered 4.04: no such sensor');
    expect(error.stack).toContain('coap-client.test.ts');
    const diagnostics: unknown[] = [];
    for (let count = 0; count < 2; count++) {
      diagnostics.push(
        await network.settle(
          coap
            .get('x', { throwOnError: true })
            .catch((thrown: unknown) => CoapResponseError.is(thrown) && thrown.message),
        ),
      );
    }
    expect(diagnostics).toEqual(['10.0.0.1:5683 answered 5.00', '10.0.0.1:5683 answered 4.00']);
    expect((await network.settle(coap.get('x', { throwOnError: true }))).status).toBe('2.04');
    expect(CoapResponseError.is(new Error('x'))).toBe(false);
  });

  test('a diagnostic is cut', async () => {
    const { network, coap } = clientPair(() => ({ code: 0x80, payload: bytes('x'.repeat(500)) }));
    const error = await network.settle(coap.get('x', { throwOnError: true }).catch((thrown: unknown) => thrown));
    expect(CoapResponseError.is(error) && error.diagnostic).toHaveLength(256);
  });

  test('an error response is a response otherwise', async () => {
    const { network, coap } = clientPair(() => ({ code: 0x84 }));
    expect(await network.settle(coap.get('x'))).toMatchObject({ status: '4.04', isSuccess: false });
  });

  test('signal and timeoutMs, with the line of the caller', async () => {
    const { network, coap, client, server } = clientPair(() => new Promise(() => {}));
    const source = new AbortSource();
    const aborted = coap.get('x', { signal: source.signal }).catch((error: unknown) => error);
    const late = coap.get('x', { timeoutMs: 100 }).catch((error: unknown) => error);
    source.abort('enough');
    expect(await network.settle(aborted)).toMatchObject({ code: 'aborted', cause: 'enough' });
    const error = await network.settle(late);
    if (!TimeoutError.is(error)) throw error;
    expect(error.stack).toContain('coap-client.test.ts');
    await network.run(400_000);
    expect(stateLeft(client.stats())).toEqual(NO_STATE);
    expect(stateLeft(server.stats())).toEqual(NO_STATE);
  });
});

test('ping, stats and close', async () => {
  const { network, coap } = clientPair(() => new Promise(() => {}));
  await network.settle(coap.ping());
  expect(coap.stats()).toMatchObject({ datagramsOut: 1, resetsIn: 1 });
  const pending = coap.get('x').catch((error: unknown) => error);
  await network.settle(coap.close());
  expect(EndpointClosedError.is(await pending)).toBe(true);
});

test('an aborted signal sends nothing', async () => {
  const { coap, seen } = clientPair(() => content(''));
  const source = new AbortSource();
  source.abort('before');
  await expect(coap.get('x', { signal: source.signal })).rejects.toSatisfy(AbortedError.is);
  expect(seen).toEqual([]);
});

describe('revalidate [RFC 7252 §5.6.2]', () => {
  test('2.03 renews what is known, 2.05 replaces it', async () => {
    let version = 'one';
    const { network, coap } = clientPair((request) => {
      const asked = request.options.find(({ number }) => number === OptionNumber.ETag)?.value;
      if (asked !== undefined && text(asked) === version) return { code: 0x43, eTag: bytes(version), maxAgeSeconds: 7 };
      return { ...content(version), eTag: bytes(version) };
    });
    const first = await network.settle(coap.get('x'));
    const second = await network.settle(revalidate(coap, 'x', first));
    expect([second.text(), second.status, second.maxAgeSeconds]).toEqual(['one', '2.05', 7]);
    expect(second.receivedAt).toBeGreaterThan(first.receivedAt);
    version = 'two';
    expect((await network.settle(revalidate(coap, 'x', second))).text()).toBe('two');
  });

  test('without an ETag it is read again', async () => {
    const { network, coap } = clientPair(({ options }) => content(String(options.some(({ number }) => number === 4))));
    const first = await network.settle(coap.get('x'));
    expect((await network.settle(revalidate(coap, 'x', first))).text()).toBe('false');
  });
});
