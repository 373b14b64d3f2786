import { ContentFormat, decodePayload, encodePaths, encodePayload, type LwM2mNode } from '@motestack/codecs';
import { formatPath, parsePath } from '@motestack/model';
import { beforeEach, describe, expect, test } from 'vitest';
import { AnswererFixture, bytesOf, Gauge, someDevice, utf8 } from './answerer.fixture.ts';

const { SenmlJson, SenmlCbor, SenmlEtchJson, SenmlEtchCbor, LwM2mCbor, Tlv } = ContentFormat;

let device: AnswererFixture;
const gauge = () =>
  Gauge.instance({ name: 'a', limit: 5, labels: ['x', 'y'], key: Uint8Array.of(1), reset: () => undefined });

beforeEach(() => {
  device = new AnswererFixture([someDevice(), gauge(), Gauge.instance({ name: 'b' }, 1)], { version: '1.2' });
});

function paths(...texts: string[]): Uint8Array {
  return encodePaths(SenmlEtchCbor, texts.map(parsePath));
}

async function fetched(payload: Uint8Array, rest: { contentFormat?: number; accept?: number } = {}): Promise<string[]> {
  const answer = await device.ask({ method: 'FETCH', contentFormat: SenmlEtchCbor, payload, ...rest });
  const { lookup } = device.tree;
  const nodes = decodePayload(answer.contentFormat ?? 0, bytesOf(answer), { path: {}, lookup });
  return nodes.map(({ path, value }) => `${formatPath(path)} ${String(value)}`);
}

describe('Read-Composite (Core 1.1.1 §6.3.8)', () => {
  test.each([SenmlJson, SenmlCbor, SenmlEtchJson, SenmlEtchCbor])(
    'takes a list in format %d',
    async (contentFormat) => {
      const payload = encodePaths(contentFormat, [parsePath('/42800/0/1'), parsePath('/3/0/0')]);
      expect(await fetched(payload, { contentFormat })).toEqual(['/42800/0/1 a', '/3/0/0 Acme']);
    },
  );

  test('[int-281] leaves out what is not there, what is not readable and what is executed', async () => {
    const list = paths('/42800/0/1', '/42800/0/4', '/42800/0/5', '/42800/9', '/9999', '/42800/0/3/7');
    expect(await fetched(list)).toEqual(['/42800/0/1 a']);
  });

  test('objects, instances, resources and resource instances in one request, each path once', async () => {
    const list = paths('/42800/1', '/42800/0/3/1', '/42800/1/1');
    expect(await fetched(list)).toEqual(['/42800/1/1 b', '/42800/0/3/1 y']);
  });

  test('[int-235] the root is everything but what holds keys', async () => {
    const all = await fetched(paths('/'));
    expect(all).toContain('/3/0/0 Acme');
    expect(all).toContain('/42800/1/1 b');
    expect(all.some((line) => line.startsWith('/0/'))).toBe(false);
  });

  test('nothing that is there is 2.05 without a payload', async () => {
    const answer = await device.ask({ method: 'FETCH', contentFormat: SenmlEtchCbor, payload: paths('/9999') });
    expect([answer.code, answer.payload]).toEqual([0x45, undefined]);
  });

  test.each([
    [SenmlJson, SenmlJson],
    [SenmlCbor, SenmlCbor],
    [LwM2mCbor, LwM2mCbor],
  ])('Accept %d is answered in %d', async (accept, contentFormat) => {
    const request = { method: 'FETCH', contentFormat: SenmlEtchCbor, payload: paths('/42800/0/1'), accept } as const;
    expect((await device.ask(request)).contentFormat).toBe(contentFormat);
  });

  test.each([
    ['4.15', { contentFormat: Tlv, payload: utf8('x') }],
    ['4.00', { payload: paths('/3') }],
    ['4.00', { contentFormat: SenmlJson, payload: utf8('[{"n":"/3/0/0","v":1}]') }],
    ['4.00', { contentFormat: SenmlJson, payload: utf8('[') }],
    ['4.06', { contentFormat: SenmlEtchCbor, payload: paths('/3/0/0'), accept: Tlv }],
    ['4.06', { contentFormat: SenmlEtchCbor, payload: paths('/3/0/0'), accept: SenmlEtchCbor }],
  ])('%s for %o', async (code, rest) => {
    expect(await device.code({ method: 'FETCH', ...rest })).toBe(code);
  });

  test('as many paths as the limit says, and no more', async () => {
    device = new AnswererFixture([gauge()], { limits: { compositePathsMax: 2 } });
    expect(await fetched(paths('/42800/0/1', '/42800/0/2'))).toHaveLength(2);
    const request = { method: 'FETCH', contentFormat: SenmlEtchCbor, payload: paths('/3', '/4', '/5') } as const;
    expect(await device.code(request)).toBe('4.00');
  });

  test('is 4.05 in 1.0, which has no composites, and anywhere but at the root', async () => {
    const request = { method: 'FETCH', contentFormat: SenmlEtchCbor, payload: paths('/3/0/0') } as const;
    expect(await device.code({ ...request, path: ['3'] })).toBe('4.05');
    device = new AnswererFixture([gauge()], { version: '1.0' });
    expect(await device.code(request)).toBe('4.05');
  });
});

describe('Write-Composite (Core 1.1.1 §6.3.9)', () => {
  function patch(
    nodes: readonly { path: string; value?: LwM2mNode['value'] }[],
    contentFormat: number = SenmlEtchCbor,
  ) {
    const { lookup } = device.tree;
    const list = nodes.map(({ path, ...rest }) => ({ path: parsePath(path), ...rest }));
    const payload = encodePayload(contentFormat, list, { path: {}, lookup });
    return device.code({ method: 'iPATCH', contentFormat, payload });
  }

  test.each([SenmlJson, SenmlCbor, SenmlEtchJson, SenmlEtchCbor, LwM2mCbor])(
    '[int-230] writes resources of several instances in format %d',
    async (format) => {
      const nodes = [
        { path: '/42800/0/2', value: 7 },
        { path: '/42800/1/1', value: 'c' },
      ];
      expect(await patch(nodes, format)).toBe('2.04');
      expect(await fetched(paths('/42800/0/2', '/42800/1/1'))).toEqual(['/42800/0/2 7', '/42800/1/1 c']);
      expect(device.changes).toEqual(['changed /42800/0/2', 'changed /42800/1/1']);
    },
  );

  test('resource instances are added, replaced and removed; others stay', async () => {
    const nodes = [
      { path: '/42800/0/3/1', value: 'z' },
      { path: '/42800/0/3/5', value: 'n' },
      { path: '/42800/0/3/0' },
    ];
    expect(await patch(nodes)).toBe('2.04');
    expect(await fetched(paths('/42800/0/3'))).toEqual(['/42800/0/3/1 z', '/42800/0/3/5 n']);
  });

  test.each([
    ['4.05', { path: '/42800/0/0', value: 1 }],
    ['4.05', { path: '/42800/0/5', value: 1 }],
    ['4.04', { path: '/42800/7/1', value: 'x' }],
    ['4.04', { path: '/9999/0/1', value: 'x' }],
    ['4.00', { path: '/42800/0/2', value: 101 }],
    ['4.01', { path: '/0/0/1', value: true }],
    ['4.04', { path: '/42800/0/3/9' }],
    ['4.00', { path: '/42800/0/1' }],
  ])('%s for %o, and nothing at all is written', async (code, node) => {
    device = new AnswererFixture([Gauge.instance({ name: 'a', limit: 5, labels: ['x'], reading: 1, reset: () => {} })]);
    expect(await patch([{ path: '/42800/0/2', value: 7 }, node])).toBe(code);
    expect(await fetched(paths('/42800/0/2'))).toEqual(['/42800/0/2 5']);
    expect(device.changes).toEqual([]);
  });

  test('an empty pack is 4.00; another format 4.15; PATCH 4.05', async () => {
    const empty = { contentFormat: SenmlJson, payload: utf8('[]') };
    expect(await device.code({ method: 'iPATCH', ...empty })).toBe('4.00');
    expect(await device.code({ method: 'iPATCH', contentFormat: Tlv, payload: utf8('') })).toBe('4.15');
    expect(await device.code({ method: 'PATCH', ...empty })).toBe('4.05');
  });
});

describe('Observe-Composite (Core 1.1.1 §6.4.4, 1.2 parameters)', () => {
  const list = { method: 'FETCH', contentFormat: SenmlEtchCbor, payload: paths('/42800/0/1', '/3/0/9') } as const;

  test('remembers the paths and what was read of each', async () => {
    expect(await device.code({ ...list, observe: 0 })).toBe('2.05');
    const [observed] = device.observed;
    expect(observed?.paths.map(formatPath)).toEqual(['/42800/0/1', '/3/0/9']);
    expect(observed?.contents.map((nodes) => nodes.map(({ value }) => value))).toEqual([['a'], [87]]);
    expect(observed?.parameters).toBeUndefined();
  });

  test('[int-305] Observe 1 answers and observes nothing', async () => {
    expect(await device.code({ ...list, observe: 1 })).toBe('2.05');
    expect(device.observed).toEqual([]);
  });

  test('takes pmin, pmax, epmin, epmax and con alone', async () => {
    expect(await device.code({ ...list, observe: 0, query: ['pmin=30', 'pmax=45', 'con=1'] })).toBe('2.05');
    expect(device.observed[0]?.parameters).toEqual({ pmin: 30, pmax: 45, con: true });
    expect(await device.code({ ...list, observe: 0, query: ['gt=30'] })).toBe('4.00');
    expect(await device.code({ ...list, observe: 0, query: ['pmin=x'] })).toBe('4.00');
  });

  test('refuses parameters in 1.1', async () => {
    device = new AnswererFixture([gauge()]);
    expect(await device.code({ ...list, observe: 0, query: ['pmin=30'] })).toBe('4.00');
  });
});
