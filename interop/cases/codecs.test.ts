import { fromHex, toHex } from '@motestack/bytes';
import { canCarry, decodePayload, encodePayload } from '@motestack/codecs';
import {
  formatPath,
  type LwM2mNode,
  type ObjectLink,
  objectLookup,
  parsePath,
  type ResourceSpec,
  type ResourceValue,
} from '@motestack/model';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PeerProcess } from '../src/peer-process.ts';
import { places } from '../src/places.ts';
import { readinessOf } from '../src/readiness.ts';

const { ready, version } = readinessOf('leshan');
const { INTEROP_SEED = '42' } = process.env;
const SEED = Number(INTEROP_SEED);
const SAMPLES = 25;

const TYPES = [
  'String',
  'Integer',
  'Unsigned Integer',
  'Float',
  'Boolean',
  'Opaque',
  'Time',
  'Objlnk',
  'Corelnk',
] as const;
type Type = (typeof TYPES)[number];
const FORMATS = {
  text: 0,
  opaque: 42,
  cbor: 60,
  'senml-json': 110,
  'senml-cbor': 112,
  tlv: 11542,
  'lwm2m-json': 11543,
};
const MULTIPLE = 256;

/** Object 42 of the peer: resource n is of type n, resource 256 + n the same with instances. */
const resources: Record<string, ResourceSpec> = {};
for (const [id, type] of TYPES.entries()) {
  resources[`single${id}`] = { id, type, operations: 'RW' };
  resources[`multiple${id}`] = { id: MULTIPLE + id, type, operations: 'RW', multiple: true };
}
const lookup = objectLookup([{ id: 42, name: 'EveryType', multiple: true, resources }]);

const integer = (min: bigint, max: bigint): fc.Arbitrary<number | bigint> =>
  fc
    .oneof(fc.bigInt({ min, max }), fc.bigInt({ min: min < 0n ? -300n : 0n, max: 70_000n }), fc.constantFrom(min, max))
    .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
/** Half a null link, `3:65535`, points to nothing: Leshan refuses it, and we do not write it without being asked to. */
const half = fc.oneof(fc.constantFrom(0, 65_534), fc.integer({ min: 0, max: 65_534 }));
const nullLink = { objectId: 65_535, objectInstanceId: 65_535 };
/** Leshan writes an Unsigned Integer in TLV as a signed one: from 2^63 on as a negative number, 2^64 − 1 as the byte ff. */
const UNSIGNED_MOST = 2n ** 63n - 1n;

function valuesOf(type: Type): fc.Arbitrary<ResourceValue> {
  switch (type) {
    case 'String':
      return fc.string({ unit: 'binary', maxLength: 40 });
    case 'Integer':
      return integer(-(2n ** 63n), 2n ** 63n - 1n);
    case 'Unsigned Integer':
      return integer(0n, UNSIGNED_MOST);
    case 'Float':
      return fc
        .oneof(
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.float({ noNaN: true, noDefaultInfinity: true }),
          fc.integer({ min: -70_000, max: 70_000 }),
          fc.integer({ min: -70_000, max: 70_000 }).map((hundredths) => hundredths / 100),
        )
        .filter((value) => !Object.is(value, -0));
    case 'Boolean':
      return fc.boolean();
    case 'Opaque':
      return fc.uint8Array({ maxLength: 300 });
    case 'Time':
      return fc.integer({ min: -(2 ** 31), max: 2 ** 33 }).map((seconds) => new Date(seconds * 1000));
    case 'Objlnk':
      return fc.oneof(fc.record({ objectId: half, objectInstanceId: half }), fc.constant(nullLink));
    case 'Corelnk':
      return fc.constantFrom('</3/0>', '</3303/0>,</3303/1>', '</3/0/9>;pmin=10', '</>;rt="oma.lwm2m";ct=110');
  }
}

/** A value as the peer takes and gives it. */
function textOf(value: ResourceValue): string {
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof Date) return String(value.getTime() / 1000);
  if (typeof value === 'object') return linkText(value);
  return String(value);
}

const linkText = ({ objectId, objectInstanceId }: ObjectLink): string => `${objectId}:${objectInstanceId}`;

/** The peer prints a float as Java does; anything else is the text that it was. */
function comparable(path: string, text: unknown): unknown {
  if (path === 'error') return text;
  const type = TYPES[(parsePath(path).resourceId ?? 0) % MULTIPLE];
  return type === 'Float' ? Number(text) : text;
}

function comparableAll(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([path, text]) => [path, comparable(path, text)]));
}

const textsOf = (nodes: readonly LwM2mNode[]): Record<string, string> =>
  Object.fromEntries(nodes.map(({ path, value }) => [formatPath(path), textOf(value ?? '')]));

/** One value of a type, or two instances of it. */
function samplesOf(type: Type, multiple: boolean): LwM2mNode[][] {
  const resourceId = TYPES.indexOf(type) + (multiple ? MULTIPLE : 0);
  const path = { objectId: 42, objectInstanceId: 3, resourceId };
  const arbitrary = multiple
    ? fc
        .tuple(valuesOf(type), valuesOf(type))
        .map((pair) => pair.map((value, index) => ({ path: { ...path, resourceInstanceId: 7 * index }, value })))
    : valuesOf(type).map((value) => [{ path, value }]);
  return fc.sample(arbitrary, { numRuns: SAMPLES, seed: SEED });
}

/** An instance with a value of every type, and one with instances of every type. */
function instances(): LwM2mNode[][] {
  const all = TYPES.map((type, id) =>
    fc.sample(valuesOf(type), { numRuns: SAMPLES, seed: SEED + id }).map((value): LwM2mNode[] => {
      const path = { objectId: 42, objectInstanceId: 3 };
      return [
        { path: { ...path, resourceId: id }, value },
        { path: { ...path, resourceId: MULTIPLE + id, resourceInstanceId: id }, value },
      ];
    }),
  );
  return Array.from({ length: SAMPLES }, (_, index) =>
    all
      .flatMap((samples) => samples[index] ?? [])
      .toSorted((a, b) => (a.path.resourceId ?? 0) - (b.path.resourceId ?? 0)),
  );
}

describe.skipIf(!ready)(`Leshan ${version} / its codecs and ours (seed ${SEED})`, () => {
  let peer: PeerProcess;
  beforeAll(() => {
    const java = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', `${places.leshan}/target/lib/*`];
    peer = new PeerProcess(
      'Leshan codecs',
      'java',
      [...java, 'LeshanCodecsPeer.java'],
      `${places.interop}/leshan-codecs`,
    );
  });
  afterAll(() => peer.quit());

  /** What each makes of what the other wrote, as lists that say at a glance which values disagree. */
  async function disagreements(format: number, path: string, sets: readonly LwM2mNode[][]): Promise<unknown[]> {
    const context = { path: parsePath(path), lookup };
    const found: unknown[] = [];
    for (const nodes of sets) {
      const wanted = textsOf(nodes);
      const hex = toHex(encodePayload(format, nodes, context));
      const { values = {}, error } = await peer.call('decode', { format, path, hex });
      if (!sameValues(values as Record<string, unknown>, wanted)) {
        found.push({ oursToTheirs: hex, wanted, got: error ?? values });
      }
      const encoded = await peer.call('encode', { format, path, values: wanted });
      const back = decoded(format, encoded, context);
      if (!sameValues(back, wanted)) found.push({ theirsToOurs: encoded, wanted, got: back });
    }
    return found;
  }

  function decoded(
    format: number,
    { hex, error }: Readonly<Record<string, unknown>>,
    context: Parameters<typeof decodePayload>[2],
  ): Record<string, unknown> {
    if (hex === undefined) return { error };
    try {
      return textsOf(decodePayload(format, fromHex(String(hex)), context));
    } catch (refusal) {
      return { error: String(refusal) };
    }
  }

  describe.each(Object.entries(FORMATS))('%s', (_name, format) => {
    const single = TYPES.filter((_, id) => canCarry(format, parsePath(`/42/3/${id}`), lookup));
    const multiple = TYPES.filter((_, id) => canCarry(format, parsePath(`/42/3/${MULTIPLE + id}`), lookup));

    test.each(single)('%s', async (type) => {
      expect(await disagreements(format, `/42/3/${TYPES.indexOf(type)}`, samplesOf(type, false))).toEqual([]);
    });

    test.each(multiple)('several of %s', async (type) => {
      const path = `/42/3/${MULTIPLE + TYPES.indexOf(type)}`;
      expect(await disagreements(format, path, samplesOf(type, true))).toEqual([]);
    });

    if (canCarry(format, parsePath('/42/3'), lookup)) {
      test('an instance with every type', async () => {
        expect(await disagreements(format, '/42/3', instances())).toEqual([]);
      });
    }
  });
});

function sameValues(got: Readonly<Record<string, unknown>>, wanted: Readonly<Record<string, unknown>>): boolean {
  const left = comparableAll(got);
  const right = comparableAll(wanted);
  const keys = Object.keys(right);
  return keys.length === Object.keys(left).length && keys.every((key) => left[key] === right[key]);
}
