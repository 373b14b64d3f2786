import { describe, expect, test } from 'vitest';
import { bytes } from '../coap-endpoint.fixture.ts';
import type { CoapAnswer } from '../server/coap-answer.ts';
import { AnswerError } from './answer-error.ts';
import { changed, chooseContentFormat, content, created, deleted } from './answers.ts';
import { asking, newRouter } from './router.fixture.ts';

const say = (text: string) => () => content(text);
const sayParams = ({ params }: { readonly params: object }): CoapAnswer => content(JSON.stringify(params));

describe('paths', () => {
  const router = newRouter()
    .get('/', say('root'))
    .get('/a', say('a'))
    .get('/a/', say('a slash'))
    .get('/a/:x', sayParams)
    .get('/a/b/c', say('a b c'))
    .get('/a/:x/:y', sayParams)
    .get('/a/:x/z/d', say('z d'))
    .get('/files/*path', sayParams)
    .get('/files/:one/meta', sayParams)
    .get('/deep/*', sayParams);
  const { ask } = asking(router);

  test.each([
    ['/', '2.05 root'],
    ['/a', '2.05 a'],
    ['/a/', '2.05 a slash'],
    ['/a/q%2Fr', '2.05 {"x":"q/r"}'],
    ['/a/b/c', '2.05 a b c'],
    // Where a text leads to nothing, the parameter is tried.
    ['/a/b', '2.05 {"x":"b"}'],
    ['/a/b/d', '2.05 {"x":"b","y":"d"}'],
    ['/a/b/z/d', '2.05 z d'],
    ['/a/b/c/d', '4.04'],
    ['/files', '4.04'],
    ['/files/', '2.05 {"path":[""]}'],
    ['/files/x', '2.05 {"path":["x"]}'],
    ['/files/x/meta', '2.05 {"one":"x"}'],
    ['/files/x/y', '2.05 {"path":["x","y"]}'],
    ['/deep/x/y', '2.05 {"*":["x","y"]}'],
    ['/A', '4.04'],
    ['/a/%3Ax', '2.05 {"x":":x"}'],
    ['/constructor', '4.04'],
    ['/a/__proto__', '2.05 {"x":"__proto__"}'],
  ])('%s', async (path, answer) => {
    expect(await ask('get', path)).toBe(answer);
  });

  test('a path of as many segments as a message holds costs no more than the tree is deep', async () => {
    expect(await ask('get', '/a/b'.repeat(60))).toBe('4.04');
    expect(await ask('get', `/deep${'/x'.repeat(100)}`)).toContain('2.05');
  });
});

describe('methods', () => {
  test('each has its handler; one without gets 4.05 and nothing else', async () => {
    const router = newRouter();
    for (const method of ['get', 'post', 'put', 'delete', 'fetch', 'patch'] as const) router[method]('/x', say(method));
    router.iPatch('/:y', say('iPatch'));
    const { ask } = asking(router);
    for (const method of ['get', 'post', 'put', 'delete', 'fetch', 'patch'] as const) {
      expect(await ask(method, '/x')).toBe(`2.05 ${method}`);
      expect(await ask(method, '/other')).toBe('4.05');
    }
    // The text goes before the parameter, whatever the method.
    expect(await ask('iPatch', '/x')).toBe('4.05');
    expect(await ask('iPatch', '/other')).toBe('2.05 iPatch');
  });

  test('several at once, and others added', async () => {
    const router = newRouter()
      .resource('/x/:id', { get: say('get'), put: () => changed() })
      .resource('/x/:name', { delete: () => deleted(), post: ({ params }) => created(['x', params.name]) });
    const { ask, coap, network } = asking(router);
    expect([await ask('get', '/x/1'), await ask('put', '/x/1'), await ask('delete', '/x/1')]).toEqual([
      '2.05 get',
      '2.04',
      '2.02',
    ]);
    expect((await network.settle(coap.post('/x/1'))).locationPath).toEqual(['x', '1']);
    expect(() => router.get('/x/:other', say(''))).toThrow('the method has a handler already: /x/:other');
    expect(() => router.get('x', say(''))).toThrow(TypeError);
  });
});

describe('handlers', () => {
  test('what they are told', async () => {
    const router = newRouter({ identityOf: (peer) => (peer.startsWith('10.') ? { name: 'ten' } : undefined) });
    router.put('/x/:id', ({ request, params, peer, identity }) =>
      content(`${request.method} ${params.id} ${peer} ${identity?.name}`),
    );
    expect(await asking(router).ask('put', '/x/1')).toBe('2.05 PUT 1 10.0.0.2:40000 ten');
  });

  test('AnswerError chooses the answer, thrown or rejected', async () => {
    const router = newRouter()
      .get('/now', () => {
        throw new AnswerError(0x84, 'no such sensor');
      })
      .get('/later', async () => {
        await Promise.resolve();
        throw new AnswerError(0x9d, '', [{ number: 14, value: Uint8Array.of(7) }]);
      });
    const { ask, coap, network } = asking(router);
    expect(await ask('get', '/now')).toBe('4.04 no such sensor');
    expect(await network.settle(coap.get('/later'))).toMatchObject({ status: '4.29', maxAgeSeconds: 7 });
    expect(() => new AnswerError(1)).toThrow(TypeError);
    expect(AnswerError.is(new AnswerError(0x80, 'x')) && !AnswerError.is(new Error('x'))).toBe(true);
    expect(new AnswerError(0x80, 'x').message).toBe('4.00: x');
  });

  test('anything else becomes 5.00 without a text, and is logged', async () => {
    const router = newRouter()
      .get('/now', () => {
        throw new Error('secret');
      })
      .get('/later', () => Promise.reject(new Error('secret')));
    const { ask, log } = asking(router);
    expect([await ask('get', '/now'), await ask('get', '/later')]).toEqual(['5.00', '5.00']);
    expect(log).toEqual(Array.from({ length: 2 }, () => 'a request handler failed Error: secret'));
  });

  test('content', () => {
    expect(content('ä')).toEqual({ code: 0x45, contentFormat: 0, payload: bytes('ä') });
    expect(content('{}', 50)).toEqual({ code: 0x45, contentFormat: 50, payload: bytes('{}') });
    expect(content(bytes('x'))).toEqual({ code: 0x45, contentFormat: undefined, payload: bytes('x') });
  });

  test('the format that is wanted, or 4.06 [RFC 7252 §5.10.4]', async () => {
    const router = newRouter().get('/x', ({ request }) => content('1', chooseContentFormat(request, [0, 50])));
    const { coap, network } = asking(router);
    const formats: unknown[] = [];
    for (const accept of [{}, { accept: 0 }, { accept: 50 }, { accept: 60 }]) {
      const { status, contentFormat } = await network.settle(coap.get('/x', accept));
      formats.push([status, contentFormat]);
    }
    expect(formats).toEqual([
      ['2.05', 0],
      ['2.05', 0],
      ['2.05', 50],
      ['4.06', undefined],
    ]);
  });
});

describe('mounting', () => {
  test('another router answers what is below a path, also what it gets later', async () => {
    const inner = newRouter().get('/', say('inner root')).get('/:x', sayParams);
    const router = newRouter().get('/api/own', say('own')).mount('/api/v1', inner);
    inner.get('/later', say('later'));
    const { ask } = asking(router);
    expect(await ask('get', '/api/own')).toBe('2.05 own');
    expect(await ask('get', '/api/v1')).toBe('2.05 inner root');
    expect(await ask('get', '/api/v1/7')).toBe('2.05 {"x":"7"}');
    expect(await ask('get', '/api/v1/later')).toBe('2.05 later');
    expect(await ask('get', '/api/v1/later/more')).toBe('4.04');
  });

  test('what cannot be', () => {
    const inner = newRouter();
    const router = newRouter().get('/taken/x', say('')).mount('/inner', inner);
    for (const prefix of ['/', '/:id', '/a/*', '/taken', '/inner']) {
      expect(() => router.mount(prefix, newRouter())).toThrow(TypeError);
    }
    expect(() => router.mount('/self', router)).toThrow('a router cannot stand in itself');
    expect(() => inner.mount('/outer', router)).toThrow('a router cannot stand in itself');
  });
});

test('streamRequestBody says it of the routes that want it', () => {
  const router = newRouter()
    .put('/x/:id', say(''), { streamBody: true })
    .post('/x/:id', say(''))
    .resource('/all', { put: say(''), post: say(''), streamBody: true });
  const isStreamed = (path: string[], code: number) => router.streamRequestBody({ path, code } as never);
  expect([isStreamed(['x', '1'], 3), isStreamed(['x', '1'], 2), isStreamed(['x', '1'], 1)]).toEqual([
    true,
    false,
    false,
  ]);
  expect([isStreamed(['all'], 3), isStreamed(['all'], 2), isStreamed(['none'], 3)]).toEqual([true, true, false]);
});
