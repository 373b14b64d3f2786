import { createHash } from 'node:crypto';
import { encodeUtf8, toHex } from '@motestack/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatBase64 } from './base64.ts';
import { acceptValueOf, answerHandshake, encodeHandshakeRequest, refusalOfAnswer } from './handshake.ts';
import { type HttpHead, HttpHeadReader } from './http-head.ts';
import { sha1 } from './sha1.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const asText = (bytes: Uint8Array) => String.fromCharCode(...bytes);

function head(text: string): HttpHead {
  const read = new HttpHeadReader(8192).read(encodeUtf8(text));
  if (read === undefined) throw new Error('no end');
  return read.head;
}

/** A good request, with changes; `undefined` leaves a header out. */
function request(changes: Readonly<Record<string, string | undefined>> = {}, startLine?: string): HttpHead {
  const headers = {
    Host: 'example.org',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Protocol': 'coap',
    'Sec-WebSocket-Version': '13',
    ...changes,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return head(`${[startLine ?? 'GET /.well-known/coap HTTP/1.1', ...lines].join('\r\n')}\r\n\r\n`);
}

describe('what Sec-WebSocket-Accept is made of', () => {
  test('the example of RFC 6455 §1.3', () => {
    expect(acceptValueOf(KEY)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });

  test('SHA-1 and base64 are those of the platform', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(toHex(sha1(bytes))).toBe(createHash('sha1').update(bytes).digest('hex'));
        expect(formatBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      }),
    );
  });
});

describe('the request of a client', () => {
  test('is that of RFC 8323 §4.1', () => {
    expect(asText(encodeHandshakeRequest({ host: 'example.org', key: KEY, headers: { Cookie: 'a=b' } }))).toBe(
      [
        'GET /.well-known/coap HTTP/1.1',
        'Host: example.org',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Key: ${KEY}`,
        'Sec-WebSocket-Protocol: coap',
        'Sec-WebSocket-Version: 13',
        'Cookie: a=b',
        '',
        '',
      ].join('\r\n'),
    );
  });

  test.each([
    { host: 'a\r\nb: c', key: KEY },
    { host: 'a', key: KEY, path: '/ HTTP/1.1' },
    { host: 'a', key: KEY, headers: { 'a b': 'c' } },
    { host: 'a', key: KEY, headers: { a: 'b\r\nc: d' } },
  ])('%o breaks out of its line and is refused', (init) => {
    expect(() => encodeHandshakeRequest(init)).toThrow(TypeError);
  });
});

describe('the answer of a server', () => {
  test('accepts', () => {
    const answer = answerHandshake(request());
    expect(answer).toMatchObject({ refusal: undefined, host: 'example.org' });
    expect(refusalOfAnswer(head(asText(answer.bytes)), KEY)).toBeUndefined();
  });

  test.each([
    ['another method', request({}, 'POST /.well-known/coap HTTP/1.1'), '400'],
    ['another version of HTTP', request({}, 'GET /.well-known/coap HTTP/1.0'), '400'],
    ['another path', request({}, 'GET / HTTP/1.1'), '404'],
    ['no Host', request({ Host: undefined }), '400'],
    ['no upgrade', request({ Upgrade: 'h2c' }), '426'],
    ['a connection that stays', request({ Connection: 'keep-alive' }), '426'],
    ['another version', request({ 'Sec-WebSocket-Version': '8' }), '426'],
    ['a short key', request({ 'Sec-WebSocket-Key': 'AAAA' }), '400'],
    ['another subprotocol', request({ 'Sec-WebSocket-Protocol': 'mqtt, COAP' }), '400'],
    ['no subprotocol', request({ 'Sec-WebSocket-Protocol': undefined }), '400'],
    ['a forbidden origin', request({ Origin: 'https://evil.example' }), '403'],
  ])('refuses %s', (_name, asked, status) => {
    const allowsOrigin = (origin: string) => origin === 'https://good.example';
    const { bytes, refusal } = answerHandshake(asked, { allowsOrigin });
    expect(refusal).toBeDefined();
    expect(asText(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  test('takes lists and other cases, a path of its own, and an allowed origin', () => {
    const asked = request(
      {
        Connection: 'keep-alive, upgrade',
        Upgrade: 'WebSocket',
        'Sec-WebSocket-Protocol': 'mqtt, coap',
        Origin: 'https://good.example',
      },
      'GET /coap HTTP/1.1',
    );
    const allowsOrigin = (origin: string) => origin === 'https://good.example';
    expect(answerHandshake(asked, { path: '/coap', allowsOrigin }).refusal).toBeUndefined();
  });
});

describe('what a client takes for an answer', () => {
  const good = asText(answerHandshake(request()).bytes);
  test.each([
    ['another status', good.replace('101 Switching Protocols', '200 OK')],
    ['another version', good.replace('HTTP/1.1', 'HTTP/1.0')],
    ['no upgrade', good.replace('Upgrade: websocket', 'Upgrade: h2c')],
    ['a connection that stays', good.replace('Connection: Upgrade', 'Connection: close')],
    ['the accept value of another key', good.replace('s3pP', 'S3pP')],
    ['an extension', good.replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n')],
    ['another subprotocol', good.replace('Protocol: coap', 'Protocol: mqtt')],
    ['no subprotocol', good.replace('Sec-WebSocket-Protocol: coap\r\n', '')],
  ])('not %s', (_name, answer) => {
    expect(refusalOfAnswer(head(answer), KEY)).toBeDefined();
  });
});

describe('HttpHeadReader', () => {
  test('finds the end, however the head is cut', () => {
    const bytes = encodeUtf8('GET / HTTP/1.1\r\nA: b\r\na:  c \r\n\r\nrest');
    for (let at = 0; at < bytes.length - 4; at++) {
      const reader = new HttpHeadReader(100);
      const read = reader.read(bytes.subarray(0, at)) ?? reader.read(bytes.subarray(at));
      expect(read?.head.headers.get('a')).toBe('b, c');
    }
  });

  test('headerBytesMax: a head of just so many bytes, and one more', () => {
    const text = 'GET / HTTP/1.1\r\n\r\n';
    expect(new HttpHeadReader(text.length).read(encodeUtf8(text))).toMatchObject({ end: text.length });
    expect(() => new HttpHeadReader(text.length - 1).read(encodeUtf8(text))).toThrow(
      expect.objectContaining({ code: 'too-long' }),
    );
  });

  test.each([
    'a\r\nno colon\r\n\r\n',
    'a\r\n folded: b\r\n\r\n',
    'a\r\nb: c\0\r\n\r\n',
    'a\0\r\n\r\n',
    'a\r\n: b\r\n\r\n',
  ])('%j cannot be read', (text) => {
    expect(() => head(text)).toThrow(expect.objectContaining({ code: 'bad-syntax' }));
  });

  test('any bytes are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          new HttpHeadReader(64).read(Uint8Array.of(...bytes, 13, 10, 13, 10));
        } catch (error) {
          expect(error).toMatchObject({ name: 'DecodeError' });
        }
      }),
    );
  });
});
