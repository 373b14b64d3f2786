import { describe, expect, test } from 'vitest';
import { encodeRequestInit } from '../client/coap-request-init.ts';
import { bytes, pair, SERVER } from '../coap-endpoint.fixture.ts';
import { type CoapAnswer, encodeAnswer } from './coap-answer.ts';

const made = (part: object): CoapAnswer => ({ code: 0x41, ...part });

const legal: [string, object][] = [
  ['an ETag of 1 byte', { eTag: new Uint8Array(1) }],
  ['an ETag of 8 bytes', { eTag: new Uint8Array(8) }],
  ['an empty segment', { locationPath: [''] }],
  ['a segment of 255 bytes', { locationPath: ['ä'.repeat(127).concat('x')] }],
  ['a segment of three dots', { locationPath: ['...'] }],
  ['a payload that is a Buffer', { payload: Buffer.from('x') }],
];
const illegal: [string, object, typeof Error][] = [
  ['an ETag of 0 bytes', { eTag: new Uint8Array(0) }, RangeError],
  ['an ETag of 9 bytes', { eTag: new Uint8Array(9) }, RangeError],
  ['an ETag that is a text', { eTag: 'tag' }, TypeError],
  ['a segment of 256 bytes', { locationPath: ['ä'.repeat(128)] }, RangeError],
  ['a segment "."', { locationPath: ['rd', '.'] }, TypeError],
  ['a segment ".."', { locationPath: ['rd', '..'] }, TypeError],
  ['a payload that is a text', { payload: 'string' }, TypeError],
  ['a payload that is an array', { payload: [1, 2] }, TypeError],
  ['the code of a request', { code: 1 }, TypeError],
  ['a content format of 65536', { contentFormat: 65_536 }, RangeError],
];

describe('encodeAnswer (RFC 7252 §5.10)', () => {
  test.each(legal)('%s is legal', (_name, part) => {
    expect(encodeAnswer(made(part)).code).toBe(0x41);
  });

  test.each(illegal)('%s is not', (_name, part, error) => {
    expect(() => encodeAnswer(made(part))).toThrow(error);
  });
});

describe('what a handler answers', () => {
  test.each(illegal)('%s, at once or later: 5.00, and the log says why', async (_name, part) => {
    const { network, client, log } = pair(({ path }) => (path[0] === 'now' ? made(part) : Promise.resolve(made(part))));
    for (const path of [['now'], ['later']]) {
      const { code, payload } = await network.settle(client.request(SERVER, { method: 'GET', path }));
      expect([code, payload.length]).toEqual([0xa0, 0]);
    }
    expect(log).toHaveLength(2);
    expect(log[0]).toMatch(/^a request handler failed (Type|Range)Error/);
  });

  test('an empty segment arrives', async () => {
    const { network, client } = pair(() => made({ locationPath: ['rd', ''], payload: bytes('x') }));
    const response = await network.settle(client.request(SERVER, { method: 'POST' }));
    expect(response.locationPath).toEqual(['rd', '']);
  });
});

test('a request has a payload of bytes, too', () => {
  const init: object = { payload: 'string' };
  expect(() => encodeRequestInit({ method: 'PUT', ...init })).toThrow(TypeError);
});
