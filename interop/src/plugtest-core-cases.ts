import { encodeUtf8, fromHex } from '@motestack/bytes';
import type { CoapMethod } from '@motestack/coap/node';
import { OptionNumber } from '@motestack/coap/wire';
import { expect } from 'vitest';
import type { CallerAnswer, CoapCaller, CoapCase } from './coap-caller.ts';

const TEXT = 0;
const XML = 41;
const text = (answer: CallerAnswer): string => Buffer.from(answer.payload).toString();

function onTest(name: string, method: CoapMethod, confirmable: boolean, codes: RegExp): CoapCase {
  const run = async (caller: CoapCaller): Promise<void> => {
    const payload = method === 'PUT' || method === 'POST' ? { payload: encodeUtf8('x'), contentFormat: TEXT } : {};
    const answer = await caller.request({ method, path: ['test'], confirmable, ...payload });
    expect(answer.code).toMatch(codes);
    if (answer.type !== undefined) expect(answer.type).toBe(confirmable ? 'ACK' : 'NON');
    if (method === 'GET') expect([text(answer), answer.contentFormat]).toEqual(['test', TEXT]);
  };
  return { name: `${name}: ${method} /test, ${confirmable ? 'Confirmable' : 'Non-confirmable'}`, run };
}

async function separate(caller: CoapCaller): Promise<void> {
  const answer = await caller.request({ method: 'GET', path: ['separate'] });
  expect([answer.code, text(answer)]).toEqual(['2.05', 'later']);
  if (answer.type !== undefined) expect(answer.type).toBe('CON');
}

async function formats(caller: CoapCaller): Promise<void> {
  const path = ['multi-format'];
  const plain = await caller.request({ method: 'GET', path, accept: TEXT });
  expect([plain.code, plain.contentFormat]).toEqual(['2.05', TEXT]);
  const xml = await caller.request({ method: 'GET', path, accept: XML });
  expect([xml.code, xml.contentFormat]).toEqual(['2.05', XML]);
}

async function validates(caller: CoapCaller): Promise<void> {
  const path = ['validate'];
  const known = (eTag = ''): object => ({ options: [{ number: OptionNumber.ETag, value: fromHex(eTag) }] });
  const first = await caller.request({ method: 'GET', path });
  expect([first.code, first.eTag]).toEqual(['2.05', expect.stringMatching(/^([0-9a-f]{2}){1,8}$/)]);
  const valid = await caller.request({ method: 'GET', path, ...known(first.eTag) });
  expect([valid.code, valid.eTag, text(valid)]).toEqual(['2.03', first.eTag, '']);
  await caller.request({ method: 'PUT', path, payload: encodeUtf8('new'), contentFormat: TEXT });
  const changed = await caller.request({ method: 'GET', path, ...known(first.eTag) });
  expect([changed.code, text(changed)]).toEqual(['2.05', 'new']);
  expect(changed.eTag).not.toBe(first.eTag);
}

async function ifMatch(caller: CoapCaller): Promise<void> {
  const path = ['validate'];
  const { eTag = '' } = await caller.request({ method: 'GET', path });
  const options = [{ number: OptionNumber.IfMatch, value: fromHex(eTag) }];
  const put = { method: 'PUT', path, payload: encodeUtf8('matched'), contentFormat: TEXT } as const;
  expect((await caller.request({ ...put, options })).code).toBe('2.04');
  expect((await caller.request({ ...put, options })).code).toBe('4.12');
}

async function ifNoneMatch(caller: CoapCaller): Promise<void> {
  const path = ['create1'];
  const options = [{ number: OptionNumber.IfNoneMatch, value: new Uint8Array(0) }];
  const put = { method: 'PUT', path, payload: encodeUtf8('new'), contentFormat: TEXT, options } as const;
  await caller.request({ method: 'DELETE', path });
  expect((await caller.request(put)).code).toBe('2.01');
  expect((await caller.request(put)).code).toBe('4.12');
}

/** TD_COAP_CORE_01 to 23 but for 12, 15 and 16, which want a token or a network of their own; 24 and later want a proxy. */
export const plugtestCoreCases: readonly CoapCase[] = [
  onTest('TD_COAP_CORE_01', 'GET', true, /^2\.05$/),
  onTest('TD_COAP_CORE_02', 'DELETE', true, /^2\.02$/),
  onTest('TD_COAP_CORE_03', 'PUT', true, /^2\.0[14]$/),
  onTest('TD_COAP_CORE_04', 'POST', true, /^2\.0[14]$/),
  onTest('TD_COAP_CORE_05', 'GET', false, /^2\.05$/),
  onTest('TD_COAP_CORE_06', 'DELETE', false, /^2\.02$/),
  onTest('TD_COAP_CORE_07', 'PUT', false, /^2\.0[14]$/),
  onTest('TD_COAP_CORE_08', 'POST', false, /^2\.0[14]$/),
  { name: 'TD_COAP_CORE_09: separate response', run: separate },
  onTest('TD_COAP_CORE_10, with a token', 'GET', true, /^2\.05$/),
  { name: 'TD_COAP_CORE_11: separate response, with a token', run: separate },
  {
    name: 'TD_COAP_CORE_13: several segments of a path',
    run: async (caller) => {
      const answer = await caller.request({ method: 'GET', path: ['seg1', 'seg2', 'seg3'] });
      expect([answer.code, text(answer)]).toEqual(['2.05', 'segments']);
    },
  },
  {
    name: 'TD_COAP_CORE_14: several arguments of a query',
    run: async (caller) => {
      const query = ['first=1', 'second=2', 'third=3'];
      const answer = await caller.request({ method: 'GET', path: ['query'], query });
      expect([answer.code, text(answer)]).toEqual(['2.05', 'first=1\nsecond=2\nthird=3']);
    },
  },
  {
    name: 'TD_COAP_CORE_17: separate response, Non-confirmable',
    run: async (caller) => {
      const answer = await caller.request({ method: 'GET', path: ['separate'], confirmable: false });
      expect([answer.code, text(answer)]).toEqual(['2.05', 'later']);
      if (answer.type !== undefined) expect(answer.type).toBe('NON');
    },
  },
  {
    name: 'TD_COAP_CORE_18: POST with Location-Path',
    run: async (caller) => {
      const answer = await caller.request({ method: 'POST', path: ['test'], payload: encodeUtf8('x') });
      expect([answer.code, answer.locationPath]).toEqual(['2.01', ['location1', 'location2', 'location3']]);
    },
  },
  {
    name: 'TD_COAP_CORE_19: POST with Location-Query',
    run: async (caller) => {
      const answer = await caller.request({ method: 'POST', path: ['location-query'], payload: encodeUtf8('x') });
      expect([answer.code, answer.locationQuery]).toEqual(['2.01', ['first=1', 'second=2']]);
    },
  },
  { name: 'TD_COAP_CORE_20: Accept', run: formats },
  { name: 'TD_COAP_CORE_21: ETag', run: validates },
  { name: 'TD_COAP_CORE_22: If-Match', run: ifMatch },
  { name: 'TD_COAP_CORE_23: If-None-Match', run: ifNoneMatch },
];
