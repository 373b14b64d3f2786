import { encodeBlock, OptionNumber } from '@motestack/coap/wire';
import { expect } from 'vitest';
import type { CallerAnswer, CoapCaller, CoapCase } from './coap-caller.ts';
import { pattern } from './pattern.ts';

/** Length of the plugtest server's `/large` and `/obs-large`. */
export const PLUGTEST_LARGE_BYTES = 1500;
const OCTETS = 42;
const hexOf = (payload: Uint8Array): string => Buffer.from(payload).toString('hex');
const large = (seed: number): string => hexOf(pattern(PLUGTEST_LARGE_BYTES, seed));
const told = (answer: CallerAnswer): [string, string] => [answer.code, hexOf(answer.payload)];

/** Asks for one block by itself: those who cut their own bodies give the whole. */
async function early(caller: CoapCaller, szx: number): Promise<void> {
  const options = [{ number: OptionNumber.Block2, value: encodeBlock({ blockNumber: 0, more: false, szx }) }];
  const [code, payload] = told(await caller.request({ method: 'GET', path: ['large'], options }));
  expect(code).toBe('2.05');
  expect([large(0), large(0).slice(0, 2 << (szx + 4))]).toContain(payload);
}

async function updated(caller: CoapCaller): Promise<void> {
  const path = ['large-update'];
  const payload = pattern(PLUGTEST_LARGE_BYTES, 77);
  const put = await caller.request({ method: 'PUT', path, payload, contentFormat: OCTETS });
  expect(put.code).toBe('2.04');
  expect(told(await caller.request({ method: 'GET', path }))).toEqual(['2.05', large(77)]);
}

async function created(caller: CoapCaller): Promise<void> {
  const payload = pattern(PLUGTEST_LARGE_BYTES, 78);
  const post = await caller.request({ method: 'POST', path: ['large-create'], payload, contentFormat: OCTETS });
  expect(post.code).toBe('2.01');
  expect(told(await caller.request({ method: 'GET', path: post.locationPath }))).toEqual(['2.05', large(78)]);
}

/** TD_COAP_BLOCK_01 to 06. */
export const plugtestBlockCases: readonly CoapCase[] = [
  { name: 'TD_COAP_BLOCK_01: GET /large, early negotiation', run: (caller) => early(caller, 2) },
  {
    name: 'TD_COAP_BLOCK_02: GET /large, late negotiation',
    run: async (caller) => {
      expect(told(await caller.request({ method: 'GET', path: ['large'] }))).toEqual(['2.05', large(0)]);
    },
  },
  { name: 'TD_COAP_BLOCK_03: PUT /large-update', run: updated },
  { name: 'TD_COAP_BLOCK_04: POST /large-create', run: created },
  {
    name: 'TD_COAP_BLOCK_05: POST /large-post, blocks both ways',
    run: async (caller) => {
      const payload = pattern(PLUGTEST_LARGE_BYTES, 79);
      const init = { method: 'POST', path: ['large-post'], payload, contentFormat: OCTETS } as const;
      expect(told(await caller.request(init))).toEqual(['2.04', large(79)]);
    },
  },
  { name: 'TD_COAP_BLOCK_06: GET /large, blocks of 16 bytes', run: (caller) => early(caller, 0) },
];
