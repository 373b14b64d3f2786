import { DecodeError, encodeUtf8 } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { decodeCbor, formatDiagnostic, numberTags } from '../cbor/index.ts';
import { ContentError, decodeDiscovery, decodeObjectLinks, decodePayload } from '../index.ts';
import { streamSenmlCbor } from '../senml-cbor/index.ts';
import { streamSenmlJson } from '../senml-json/index.ts';

const decodeAllCbor = (payload: Uint8Array): unknown => decodeCbor(payload, { tags: numberTags });

const SMALL = 2_000;
const LARGE = 256_000;
/** A decoder that is quadratic in its input would take 16,384 times as long for an input 128 times as large. */
const FACTOR_MAX = 128 * 12;
/** So short a time says nothing about its growth. */
const MILLISECONDS_LEAST = 0.02;

const context = { path: {}, lookup: () => undefined };
const anyPath = { path: { objectId: 3, objectInstanceId: 0 }, lookup: () => undefined };
const bytesOf = (length: number, unit: readonly number[], head: readonly number[] = []): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => head[index] ?? unit[index % unit.length] ?? 0);
const textOf = (length: number, unit: string, head = ''): Uint8Array =>
  encodeUtf8(head + unit.repeat(length / unit.length));

type Reader = (bytes: Uint8Array) => unknown;
type Bomb = readonly [name: string, make: (length: number) => Uint8Array, read: Reader];

const senmlCbor: Reader = (bytes) => decodePayload(112, bytes, context);
const senmlJson: Reader = (bytes) => decodePayload(110, bytes, context);
const stream =
  (open: typeof streamSenmlCbor | typeof streamSenmlJson): Reader =>
  (bytes) => {
    const decoder = open();
    for (let start = 0; start < bytes.length; start += 1) decoder.push(bytes.subarray(start, start + 1));
    decoder.end();
  };

const bombs: readonly Bomb[] = [
  ['CBOR, arrays in arrays', (length) => bytesOf(length, [0x81]), decodeAllCbor],
  ['CBOR, indefinite maps', (length) => bytesOf(length, [0xbf, 0x00]), decodeAllCbor],
  ['CBOR, tags', (length) => bytesOf(length, [0xc6]), decodeAllCbor],
  [
    'CBOR, a huge count',
    (length) => bytesOf(length, [0x00], [0x9b, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    decodeAllCbor,
  ],
  ['CBOR, empty chunks', (length) => bytesOf(length, [0x60], [0x7f]), decodeAllCbor],
  ['CBOR, chunks of one byte', (length) => bytesOf(length, [0x41, 0x00], [0x5f]), decodeAllCbor],
  [
    'CBOR, a bignum',
    (length) => bytesOf(length, [0xff], [0xc2, 0x5a, 0, 0, length >>> 8, length & 0xff]),
    decodeAllCbor,
  ],
  ['CBOR, empty maps as keys', (length) => bytesOf(length, [0xa0, 0x00], [0xbf]), decodeAllCbor],
  ['diagnostic, arrays in arrays', (length) => bytesOf(length, [0x9f]), formatDiagnostic],
  ['diagnostic, many items', (length) => bytesOf(length, [0x00], [0x9f]), formatDiagnostic],
  ['SenML-CBOR, empty records', (length) => bytesOf(length, [0xa0], [0x9f]), senmlCbor],
  ['SenML-CBOR, an unknown field that nests', (length) => bytesOf(length, [0x81], [0x81, 0xa1, 0x61, 0x78]), senmlCbor],
  ['SenML-CBOR, unknown fields', (length) => bytesOf(length, [0x61, 0x78, 0x00], [0x9f, 0xbf]), senmlCbor],
  ['SenML-JSON, brackets', (length) => textOf(length, '['), senmlJson],
  ['SenML-JSON, digits', (length) => textOf(length, '1', '[{"v":'), senmlJson],
  ['SenML-JSON, digits with points', (length) => textOf(length, '1234567890123456.', '[{"v":'), senmlJson],
  ['SenML-JSON, backslashes', (length) => textOf(length, '\\\\', '[{"n":"1234567890123456'), senmlJson],
  ['SenML-JSON, white space', (length) => textOf(length, ' '), senmlJson],
  ['SenML-JSON, a long name', (length) => textOf(length, '/3', '[{"v":1,"n":"'), senmlJson],
  [
    'stream of CBOR, one record without end',
    (length) => bytesOf(length, [0x61, 0x78, 0x00], [0x9f, 0xbf]),
    stream(streamSenmlCbor),
  ],
  ['stream of JSON, one string without end', (length) => textOf(length, 'x', '[{"'), stream(streamSenmlJson)],
  ['TLV, empty values', (length) => bytesOf(length, [0xc0, 0x00]), (bytes) => decodePayload(11_542, bytes, anyPath)],
  [
    'TLV, identifiers',
    (length) => Uint8Array.from({ length }, (_, index) => [0xe0, index >>> 10, (index >> 2) & 0xff][index % 3] ?? 0),
    (bytes) => decodePayload(11_542, bytes, anyPath),
  ],
  ['LwM2M CBOR, maps', (length) => bytesOf(length, [0xbf, 0x00]), (bytes) => decodePayload(11_544, bytes, context)],
  [
    'LwM2M JSON, entries',
    (length) => textOf(length, '{},', '{"e":['),
    (bytes) => decodePayload(11_543, bytes, context),
  ],
  [
    'text, digits',
    (length) => textOf(length, '9'),
    (bytes) =>
      decodePayload(0, bytes, { path: { objectId: 3, objectInstanceId: 0, resourceId: 9 }, lookup: () => undefined }),
  ],
  ['links, commas', (length) => textOf(length, '<>,'), decodeObjectLinks],
  ['links, a list of numbers', (length) => textOf(length, '1 ', '</>;ct='), decodeObjectLinks],
  ['links, quotes', (length) => textOf(length, '\\"', '</>;x="'), (bytes) => decodeDiscovery(bytes)],
  ['links, percents', (length) => textOf(length, '%20', '<'), (bytes) => decodeDiscovery(bytes)],
];

/** The shortest of several runs, in milliseconds of CPU time: a busy machine adds little to it. */
function duration(read: Reader, bytes: Uint8Array): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    const start = process.cpuUsage();
    try {
      read(bytes);
    } catch (error) {
      if (!(DecodeError.is(error) || ContentError.is(error))) throw error;
    }
    const { user, system } = process.cpuUsage(start);
    shortest = Math.min(shortest, (user + system) / 1000);
  }
  return shortest;
}

describe('bombs end in time linear in their length', () => {
  test.each(bombs)('%s', (_name, make, read) => {
    const small = Math.max(duration(read, make(SMALL)), MILLISECONDS_LEAST);
    expect(duration(read, make(LARGE))).toBeLessThan(small * FACTOR_MAX);
  });
});
