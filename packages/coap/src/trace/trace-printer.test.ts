import { DecodeError, fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { decodeMessage } from '../wire/index.ts';
import { tracePrinter } from './trace-printer.ts';

/** The line about one message, without time, direction, peer and length. */
function lineOf(hex: string): string {
  const lines: string[] = [];
  const bytes = fromHex(hex.replaceAll(' ', ''));
  const about = { peer: 'p', at: 0, byteLength: bytes.length, isRepeated: false };
  tracePrinter((line) => lines.push(line)).incoming?.(decodeMessage(bytes), about);
  return (lines[0] ?? '').slice(39);
}

describe('tracePrinter', () => {
  test.each([
    ['40 01 0001', 'CON, MID:1, GET, /'],
    ['42 01 1234 abcd b1 61 01 62 42 783d', 'CON, MID:4660, GET, TKN:abcd, /a/b?x='],
    ['50 07 0001', 'NON, MID:1, iPATCH, /'],
    ['40 1f 0001', 'CON, MID:1, 0.31, /'],
    ['60 00 ffff', 'ACK, MID:65535, Empty Message'],
    ['70 00 0001', 'RST, MID:1, Empty Message'],
    ['60 45 0001 ff 6869', 'ACK, MID:1, 2.05 Content, 2 bytes'],
    ['60 84 0001', 'ACK, MID:1, 4.04 Not Found'],
    ['60 41 0001 82 7264 03 616263', 'ACK, MID:1, 2.01 Created, /rd/abc'],
    ['60 45 0001 61 05 61 28', 'ACK, MID:1, 2.05 Content, OBS:5, CT:40'],
    ['60 5f 0001 d1 0e 2e', 'ACK, MID:1, 2.31 Continue, B1:2/1/1024'],
    ['40 01 0001 d1 0a 12', 'CON, MID:1, GET, B2:1/0/64, /'],
    // What comes from outside writes no control characters.
    ['40 01 0001 b4 1b5b3220', 'CON, MID:1, GET, /%1B[2%20'],
    ['40 01 0001 b2 c3a4', 'CON, MID:1, GET, /%C3%A4'],
    // Options that are longer than they may be.
    ['40 01 0001 65 0102030405', 'CON, MID:1, GET, OBS:0x01020304…, /'],
    ['40 01 0001 d5 0a 0102030405', 'CON, MID:1, GET, B2:0x01020304…, /'],
  ])('%s', (hex, text) => {
    expect(lineOf(hex)).toBe(text);
  });

  test('time, direction, peer, length, and what went before', () => {
    const lines: string[] = [];
    const printer = tracePrinter((line) => lines.push(line));
    const message = decodeMessage(fromHex('40010001'));
    const about = { peer: '127.0.0.1:5683', byteLength: 4, isRepeated: false };
    printer.outgoing?.(message, { ...about, at: 5000.25 });
    printer.outgoing?.(message, { ...about, at: 7001.5, isRepeated: true });
    const error = new DecodeError('truncated', { offset: 1, section: 'RFC 7252 §3' });
    printer.malformed?.(error, { ...about, at: 65_000.25, byteLength: 1 });
    expect(lines).toEqual([
      ' 0.000000 → 127.0.0.1:5683           4 CON, MID:1, GET, /',
      ' 2.001250 → 127.0.0.1:5683           4 CON, MID:1, GET, / [Repeated]',
      '60.000000 ← 127.0.0.1:5683           1 Malformed: truncated at byte 1',
    ]);
  });
});
