import { encodeUtf8 } from '@motestack/bytes';
import { ContentFormat, encodeBlock, OptionNumber } from '@motestack/coap/wire';
import { expect } from 'vitest';
import type { CallerAnswer, CoapCaller, CoapCase } from './coap-caller.ts';
import { LARGE_BYTES, pattern } from './pattern.ts';

/** Many small blocks take long where a peer counts round trips. */
const SMALL_BYTES = 1000;

const text = (answer: CallerAnswer): string => Buffer.from(answer.payload).toString();
const bytes = (answer: CallerAnswer): string => Buffer.from(answer.payload).toString('hex');
const hexOf = (payload: Uint8Array): string => Buffer.from(payload).toString('hex');

async function methods(caller: CoapCaller): Promise<void> {
  const path = ['store'];
  await caller.request({ method: 'DELETE', path });
  const codes: string[] = [];
  for (const [method, content] of [
    ['PUT', 'one'],
    ['GET', undefined],
    ['PUT', 'two'],
    ['POST', '+3'],
    ['GET', undefined],
    ['DELETE', undefined],
    ['GET', undefined],
  ] as const) {
    const answer = await caller.request({
      method,
      path,
      ...(content === undefined ? {} : { payload: encodeUtf8(content), contentFormat: ContentFormat.TextPlain }),
    });
    codes.push(`${answer.code} ${method === 'GET' && answer.code === '2.05' ? text(answer) : ''}`.trim());
  }
  expect(codes).toEqual(['2.01', '2.05 one', '2.04', '2.04', '2.05 two+3', '2.02', '4.04']);
}

async function observed(caller: CoapCaller): Promise<void> {
  const observation = await caller.observe({ method: 'GET', path: ['observe'] });
  expect(observation.first.code).toBe('2.05');
  const numbers: number[] = [];
  while (numbers.length < 3) numbers.push(Number(text(await observation.next())));
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  await observation.cancel();
}

async function observedInBlocks(caller: CoapCaller): Promise<void> {
  const observation = await caller.observe({ method: 'GET', path: ['large-observe'] });
  const seeds: number[] = [];
  for (const answer of [observation.first, await observation.next(), await observation.next()]) {
    const [seed = 0] = answer.payload;
    seeds.push(seed);
    expect(bytes(answer)).toBe(hexOf(pattern(LARGE_BYTES, seed)));
  }
  expect(new Set(seeds).size).toBe(3);
  await observation.cancel();
}

/** What every peer's programs and ours can do, over any transport: `/hello`, `/echo`, `/store`, `/observe` and the large ones. */
export const commonCases: readonly CoapCase[] = [
  {
    name: 'GET',
    run: async (caller) => {
      const answer = await caller.request({ method: 'GET', path: ['hello'] });
      expect([answer.code, text(answer), answer.contentFormat]).toEqual(['2.05', 'hello', ContentFormat.TextPlain]);
    },
  },
  {
    name: 'GET, unknown path: 4.04',
    run: async (caller) => {
      expect((await caller.request({ method: 'GET', path: ['nowhere'] })).code).toBe('4.04');
    },
  },
  {
    name: 'DELETE where it is not allowed: 4.05',
    run: async (caller) => {
      expect((await caller.request({ method: 'DELETE', path: ['hello'] })).code).toBe('4.05');
    },
  },
  {
    name: 'POST, content format and bytes come back',
    run: async (caller) => {
      const payload = Uint8Array.of(0, 0xff, 0x80, 0xc3, 0xa4);
      const contentFormat = ContentFormat.OctetStream;
      const answer = await caller.request({ method: 'POST', path: ['echo'], payload, contentFormat });
      expect([answer.code, bytes(answer), answer.contentFormat]).toEqual(['2.04', hexOf(payload), contentFormat]);
    },
  },
  { name: 'PUT, GET, PUT, POST, GET, DELETE, GET of one resource', run: methods },
  {
    name: 'an answer that takes its time',
    run: async (caller) => {
      expect(text(await caller.request({ method: 'GET', path: ['separate'] }))).toBe('later');
    },
  },
  { name: 'observe, and an end to it', run: observed },
  {
    name: 'a response in blocks',
    run: async (caller) => {
      const answer = await caller.request({ method: 'GET', path: ['large'] });
      expect([answer.code, bytes(answer)]).toEqual(['2.05', hexOf(pattern(LARGE_BYTES))]);
    },
  },
  {
    name: 'a request in blocks',
    run: async (caller) => {
      const payload = pattern(LARGE_BYTES, 3);
      const contentFormat = ContentFormat.OctetStream;
      expect((await caller.request({ method: 'PUT', path: ['store'], payload, contentFormat })).code).toMatch(
        /^2\.0[14]$/,
      );
      expect(bytes(await caller.request({ method: 'GET', path: ['store'] }))).toBe(hexOf(payload));
    },
  },
  {
    name: 'request and response in blocks',
    run: async (caller) => {
      const payload = pattern(LARGE_BYTES, 5);
      const contentFormat = ContentFormat.OctetStream;
      const answer = await caller.request({ method: 'POST', path: ['echo'], payload, contentFormat });
      expect([answer.code, bytes(answer)]).toEqual(['2.04', hexOf(payload)]);
    },
  },
  { name: 'notifications in blocks', run: observedInBlocks },
];

/** What goes over datagrams alone. */
export const datagramCases: readonly CoapCase[] = [
  {
    name: 'GET, Non-confirmable',
    run: async (caller) => {
      const answer = await caller.request({ method: 'GET', path: ['hello'], confirmable: false });
      expect([answer.code, text(answer)]).toEqual(['2.05', 'hello']);
      if (answer.type !== undefined) expect(answer.type).toBe('NON');
    },
  },
  {
    name: 'one block of 32 bytes, asked for by itself',
    run: async (caller) => {
      const value = encodeBlock({ blockNumber: 3, more: false, szx: 1 });
      const options = [{ number: OptionNumber.Block2, value }];
      const answer = await caller.request({ method: 'GET', path: ['large'], options });
      expect([answer.code, bytes(answer)]).toEqual(['2.05', hexOf(pattern(LARGE_BYTES).subarray(96, 128))]);
    },
  },
];

/** FETCH, for those who know RFC 8132. */
export const fetchCases: readonly CoapCase[] = [
  {
    name: 'FETCH, request and response in blocks',
    run: async (caller) => {
      const payload = pattern(SMALL_BYTES * 3, 9);
      const contentFormat = ContentFormat.OctetStream;
      const answer = await caller.request({ method: 'FETCH', path: ['echo'], payload, contentFormat });
      expect([answer.code, bytes(answer)]).toEqual(['2.05', hexOf(payload)]);
    },
  },
];
