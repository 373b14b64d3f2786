import { DecodeError, encodeUtf8, fromHex } from '@motestack/bytes';
import { objectLookup, parsePath } from '@motestack/model';
import cborSuite from '@motestack/test-vectors/cbor.json' with { type: 'json' };
import linkSuite from '@motestack/test-vectors/link-format.json' with { type: 'json' };
import lwm2mCborSuite from '@motestack/test-vectors/lwm2m-cbor.json' with { type: 'json' };
import lwm2mJsonSuite from '@motestack/test-vectors/lwm2m-json.json' with { type: 'json' };
import senmlCborSuite from '@motestack/test-vectors/senml-cbor.json' with { type: 'json' };
import senmlJsonSuite from '@motestack/test-vectors/senml-json.json' with { type: 'json' };
import tlvSuite from '@motestack/test-vectors/tlv.json' with { type: 'json' };
import { describe, test } from 'vitest';
import { decodeCbor, formatDiagnostic, numberTags } from '../cbor/index.ts';
import { ContentError, decodeDiscovery, decodeObjectLinks, decodePaths, decodePayload } from '../index.ts';
import { streamSenmlCbor } from '../senml-cbor/index.ts';
import { streamSenmlJson } from '../senml-json/index.ts';

const decodeAllCbor = (payload: Uint8Array): unknown => decodeCbor(payload, { tags: numberTags });

const { FUZZ_INPUTS = '10000000', FUZZ_SEED = String(Date.now() % 2 ** 31) } = process.env;
const INPUTS = Number(FUZZ_INPUTS);
const SEED = Number(FUZZ_SEED);
const MINUTES_MAX = 30;

interface Row {
  readonly hex?: string;
  readonly pack?: unknown;
  readonly json?: unknown;
  readonly text?: string;
}
const hexOf = (rows: unknown): Uint8Array[] =>
  (rows as Row[]).flatMap(({ hex }) => (hex === undefined ? [] : [fromHex(hex)]));
const jsonOf = (rows: unknown): Uint8Array[] =>
  (rows as Row[]).map(({ pack, json }) => encodeUtf8(JSON.stringify(pack ?? json)));
const textOf = (rows: unknown): Uint8Array[] => (rows as Row[]).map(({ text = '' }) => encodeUtf8(text));

const lookup = objectLookup([
  {
    id: 3,
    name: 'Device',
    resources: {
      manufacturer: { id: 0, type: 'String', operations: 'R' },
      powers: { id: 6, type: 'Integer', operations: 'R', multiple: true },
      level: { id: 9, type: 'Unsigned Integer', operations: 'R' },
      time: { id: 13, type: 'Time', operations: 'RW' },
      key: { id: 14, type: 'Opaque', operations: 'RW' },
      factor: { id: 15, type: 'Float', operations: 'RW' },
      link: { id: 20, type: 'Objlnk', operations: 'RW' },
    },
  },
]);
const root = { path: {}, lookup, nowSeconds: 1_700_000_000 };
const device = { path: parsePath('/3/0'), lookup };

type Reader = (bytes: Uint8Array) => unknown;
const inPieces =
  (open: typeof streamSenmlCbor | typeof streamSenmlJson): Reader =>
  (bytes) => {
    const stream = open();
    for (let start = 0; start < bytes.length; start += 7) stream.push(bytes.subarray(start, start + 7));
    stream.end();
  };

/** Every decoder, and what its inputs are made from. */
const targets: readonly (readonly [string, readonly Uint8Array[], readonly Reader[]])[] = [
  ['CBOR', hexOf([...cborSuite.vectors, ...cborSuite.notWellFormed]), [decodeAllCbor, formatDiagnostic]],
  [
    'SenML-CBOR',
    hexOf(senmlCborSuite.vectors),
    [(bytes) => decodePayload(112, bytes, root), (bytes) => decodePaths(322, bytes, root), inPieces(streamSenmlCbor)],
  ],
  [
    'SenML-JSON',
    jsonOf(senmlJsonSuite.vectors),
    [(bytes) => decodePayload(110, bytes, root), (bytes) => decodePayload(320, bytes, root), inPieces(streamSenmlJson)],
  ],
  ['LwM2M CBOR', hexOf(lwm2mCborSuite.vectors), [(bytes) => decodePayload(11_544, bytes, root)]],
  ['LwM2M JSON', jsonOf(lwm2mJsonSuite.vectors), [(bytes) => decodePayload(11_543, bytes, root)]],
  [
    'TLV',
    hexOf(tlvSuite.vectors),
    [
      (bytes) => decodePayload(11_542, bytes, device),
      (bytes) => decodePayload(11_542, bytes, { path: { objectId: 3 }, lookup }),
    ],
  ],
  ['links', textOf(linkSuite.vectors), [decodeObjectLinks, (bytes) => decodeDiscovery(bytes)]],
  [
    'single values',
    hexOf(cborSuite.vectors),
    [0, 42, 60].flatMap((format) =>
      [0, 9, 13, 14, 15, 20].map(
        (id): Reader =>
          (bytes) =>
            decodePayload(format, bytes, { path: parsePath(`/3/0/${id}`), lookup }),
      ),
    ),
  ],
];

/** xorshift32: small, and the same everywhere for a seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed === 0 ? 1 : seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Changes, drops, repeats or puts in a few bytes, or joins two inputs. */
function mutated(corpus: readonly Uint8Array[], random: (below: number) => number): Uint8Array {
  let bytes = Array.from(corpus[random(corpus.length)] ?? []);
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const at = random(bytes.length + 1);
    const kind = random(6);
    if (kind <= 1) bytes[Math.min(at, Math.max(0, bytes.length - 1))] = random(256);
    else if (kind === 2) bytes.splice(at, 1 + random(4));
    else if (kind === 3) bytes.splice(at, 0, random(256), random(256));
    else if (kind === 4) bytes.splice(at, 0, ...bytes.slice(at, at + 1 + random(8)));
    else bytes = [...bytes.slice(0, at), ...Array.from(corpus[random(corpus.length)] ?? []).slice(random(16))];
  }
  return Uint8Array.from(bytes.slice(0, 512));
}

describe(`${INPUTS} mutated inputs, FUZZ_SEED=${SEED}`, () => {
  test.each(targets)(
    '%s is decoded or rejected',
    (name, corpus, readers) => {
      const random = randomFrom(SEED);
      for (let input = 0; input < INPUTS / targets.length; input++) {
        const bytes = mutated(corpus, random);
        const read = readers[input % readers.length];
        try {
          read?.(bytes);
        } catch (error) {
          if (DecodeError.is(error) || ContentError.is(error)) continue;
          throw new Error(`${name}, FUZZ_SEED=${SEED}, input ${input}: ${Buffer.from(bytes).toString('hex')}`, {
            cause: error,
          });
        }
      }
    },
    MINUTES_MAX * 60_000,
  );
});
