import { DecodeError } from '@motestack/bytes';
import {
  comparePaths,
  type LwM2mNode,
  objectLookup,
  type Path,
  type ResourceSpec,
  type ResourceValue,
} from '@motestack/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ContentError,
  canCarry,
  decodeDiscovery,
  decodeObjectLinks,
  decodePaths,
  decodePayload,
  encodePaths,
  encodePayload,
  readableContentFormats,
  writableContentFormats,
} from './index.ts';
import { normalizeInteger } from './values/integers.ts';
import type { ValueType } from './values/typed-value.ts';

const TYPES: readonly ValueType[] = [
  'String',
  'Integer',
  'Unsigned Integer',
  'Float',
  'Boolean',
  'Opaque',
  'Time',
  'Objlnk',
  'Corelnk',
];
/** Object 42: resource `n` is of type `n`, resource `256 + n` the same with instances. */
const resources: Record<string, ResourceSpec> = {};
for (const [id, type] of TYPES.entries()) {
  resources[`single${id}`] = { id, type, operations: 'RW' };
  resources[`multiple${id}`] = { id: 256 + id, type, operations: 'RW', multiple: true };
}
const lookup = objectLookup([{ id: 42, name: 'EveryType', multiple: true, resources }]);

const text = fc.string({ unit: 'binary', maxLength: 100 });
const integer = (min: bigint, max: bigint): fc.Arbitrary<number | bigint> =>
  fc.oneof(fc.bigInt({ min, max }), fc.bigInt({ min: min < 0n ? -300n : 0n, max: 70_000n })).map(normalizeInteger);
const id = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 65_534 }));
const half = fc.oneof(fc.constantFrom(0, 65_535), fc.integer({ min: 0, max: 65_535 }));

/** Values of a type; of Float only those that SenML and text have a notation for. */
function anyValue(type: ValueType): fc.Arbitrary<ResourceValue> {
  switch (type) {
    case 'String':
    case 'Corelnk':
      return text;
    case 'Integer':
      return integer(-(2n ** 63n), 2n ** 63n - 1n);
    case 'Unsigned Integer':
      return integer(0n, 2n ** 64n - 1n);
    case 'Float':
      return fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: -70_000, max: 70_000 }).map((hundredths) => hundredths / 100),
      );
    case 'Boolean':
      return fc.boolean();
    case 'Opaque':
      return fc.uint8Array({ maxLength: 300 });
    case 'Time':
      return fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 }).map((seconds) => new Date(seconds * 1000));
    case 'Objlnk':
      return fc.record({ objectId: half, objectInstanceId: half });
  }
}

const anyType = fc.nat({ max: TYPES.length - 1 });

/** One value at a resource, or at an instance of a multiple one. */
const oneNode: fc.Arbitrary<LwM2mNode> = anyType.chain((resourceId) =>
  fc
    .record({ value: anyValue(TYPES[resourceId] ?? 'String'), objectInstanceId: id, resourceInstanceId: fc.option(id) })
    .map(({ value, objectInstanceId, resourceInstanceId }) => ({
      path:
        resourceInstanceId === null
          ? { objectId: 42, objectInstanceId, resourceId }
          : { objectId: 42, objectInstanceId, resourceId: 256 + resourceId, resourceInstanceId },
      value,
    })),
);

/** Values at several paths of one object, in ascending order. */
const manyNodes: fc.Arbitrary<LwM2mNode[]> = fc
  .uniqueArray(oneNode, { maxLength: 20, comparator: (a, b) => comparePaths(a.path, b.path) === 0 })
  .map((nodes) => nodes.toSorted((a, b) => comparePaths(a.path, b.path)));

const time = fc.oneof(
  fc.integer({ min: 2 ** 28, max: 2 ** 33 }),
  fc.integer({ min: 2 ** 28 * 1000, max: 2 ** 33 * 1000 }).map((milliseconds) => milliseconds / 1000),
  fc.double({ min: 2 ** 28, max: 2 ** 40, noNaN: true }),
);

function expectDecodedOrRejected(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    if (!(DecodeError.is(error) || ContentError.is(error))) throw error;
  }
}

const paths: readonly Path[] = [
  {},
  { objectId: 42 },
  { objectId: 42, objectInstanceId: 0 },
  { objectId: 42, objectInstanceId: 0, resourceId: 1 },
  { objectId: 42, objectInstanceId: 0, resourceId: 257 },
  { objectId: 42, objectInstanceId: 0, resourceId: 257, resourceInstanceId: 0 },
];

describe('what is encoded is decoded to the same', () => {
  test.each([...writableContentFormats])('one value of every type in format %i', (contentFormat) => {
    fc.assert(
      fc.property(oneNode, (node) => {
        const context = { path: contentFormat === 320 || contentFormat === 322 ? {} : node.path, lookup };
        if (!canCarry(contentFormat, context.path, lookup)) return;
        expect(decodePayload(contentFormat, encodePayload(contentFormat, [node], context), context)).toEqual([node]);
      }),
      { numRuns: 400 },
    );
  });

  test.each([110, 112, 11542, 11543, 11544])('many values in format %i', (contentFormat) => {
    fc.assert(
      fc.property(manyNodes, (nodes) => {
        const context = { path: { objectId: 42 }, lookup };
        expect(decodePayload(contentFormat, encodePayload(contentFormat, nodes, context), context)).toEqual(nodes);
      }),
    );
  });

  test.each([110, 112])('values with times in format %i', (contentFormat) => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ value: fc.integer(), time: fc.option(time, { nil: undefined }) })),
        (samples) => {
          const path = { objectId: 42, objectInstanceId: 0, resourceId: 1 };
          const nodes = samples.map((sample) => ({ path, ...sample }));
          const context = { path, lookup };
          expect(decodePayload(contentFormat, encodePayload(contentFormat, nodes, context), context)).toEqual(nodes);
        },
      ),
    );
  });

  test.each([110, 112])('paths in format %i', (contentFormat) => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(...paths),
            oneNode.map(({ path }) => path),
          ),
        ),
        (list) => {
          const decoded = decodePaths(contentFormat, encodePaths(contentFormat, list), { path: {}, lookup });
          expect(decoded.map(({ path }) => path)).toEqual(list);
        },
      ),
    );
  });

  test('without definitions SenML tells the types that it has', () => {
    const plain = fc.oneof(
      text,
      integer(-(2n ** 63n), 2n ** 64n - 1n),
      fc.boolean(),
      fc.uint8Array(),
      anyValue('Objlnk'),
    );
    fc.assert(
      fc.property(plain, fc.constantFrom(110, 112), (value, contentFormat) => {
        const context = { path: { objectId: 7, objectInstanceId: 0, resourceId: 0 }, lookup: () => undefined };
        const nodes = [{ path: context.path, value }];
        expect(decodePayload(contentFormat, encodePayload(contentFormat, nodes, context), context)).toEqual(nodes);
      }),
    );
  });

  test('any float of any width in TLV, NaN and the infinities included', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const path = { objectId: 42, objectInstanceId: 0, resourceId: 3 };
        expect(
          decodePayload(11542, encodePayload(11542, [{ path, value }], { path, lookup }), { path, lookup }),
        ).toEqual([{ path, value }]);
      }),
    );
  });
});

describe('any bytes are decoded or rejected', () => {
  test.each([...readableContentFormats])('format %i', (contentFormat) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom(...paths), (bytes, path) => {
        expectDecodedOrRejected(() => decodePayload(contentFormat, bytes, { path, lookup }));
        expectDecodedOrRejected(() => decodePaths(contentFormat, bytes, { path, lookup }));
      }),
      { numRuns: 1000 },
    );
  });

  test.each([110, 112, 11542, 11543, 11544])('a payload of format %i with a few bytes changed', (contentFormat) => {
    const change = fc.record({ at: fc.nat(), to: fc.nat({ max: 255 }) });
    fc.assert(
      fc.property(manyNodes, fc.array(change, { minLength: 1, maxLength: 3 }), (nodes, changes) => {
        const context = { path: { objectId: 42 }, lookup };
        const bytes = encodePayload(contentFormat, nodes, context);
        for (const { at, to } of changes) if (bytes.length > 0) bytes[at % bytes.length] = to;
        expectDecodedOrRejected(() => decodePayload(contentFormat, bytes, context));
      }),
      { numRuns: 1000 },
    );
  });

  test('links', () => {
    const characters = fc.array(fc.constantFrom(...'<>/;=",. 0123456789abcdefghijklmnoprtv\\'), { maxLength: 60 });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          characters.map((list) => Buffer.from(list.join(''))),
        ),
        (bytes) => {
          expectDecodedOrRejected(() => decodeObjectLinks(bytes));
          expectDecodedOrRejected(() => decodeDiscovery(bytes));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
