import { DecodeError } from '@motestack/bytes';
import { type LwM2mNode, type ObjectSpec, objectLookup, type ResourceValue, resourcesById } from '@motestack/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ContentError } from '../content-error.ts';
import { resolveContext } from '../payload-context.ts';
import { decodeAnyTlv } from './decode-any-tlv.ts';
import { decodeTlv } from './decode-tlv.ts';
import { encodeAnyTlv } from './encode-any-tlv.ts';
import { encodeTlv } from './encode-tlv.ts';

const object: ObjectSpec = {
  id: 9,
  name: 'Nine',
  resources: {
    text: { id: 0, operations: 'R', type: 'String' },
    texts: { id: 1, operations: 'R', type: 'String', multiple: true },
    integer: { id: 2, operations: 'R', type: 'Integer' },
    integers: { id: 3, operations: 'R', type: 'Integer', multiple: true },
    unsigned: { id: 4, operations: 'R', type: 'Unsigned Integer' },
    float: { id: 5, operations: 'R', type: 'Float' },
    truth: { id: 6, operations: 'R', type: 'Boolean' },
    time: { id: 7, operations: 'R', type: 'Time' },
    link: { id: 8, operations: 'R', type: 'Objlnk' },
    opaque: { id: 300, operations: 'R', type: 'Opaque' },
    action: { id: 301, operations: 'E', type: '' },
  },
};
const resources = resourcesById(object);
const context = { path: { objectId: 9, objectInstanceId: 1 }, lookup: objectLookup([object]) };

const value: fc.Arbitrary<ResourceValue> = fc.oneof(
  fc.string({ maxLength: 70, unit: 'grapheme' }),
  fc.string({ maxLength: 70 }),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 65n }),
  fc.boolean(),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 300 }),
);
/** A value of the type that is said, mostly. */
const valueOfType = (type: string): fc.Arbitrary<ResourceValue> => {
  if (type === 'String') return fc.string({ maxLength: 70 });
  if (type === 'Integer') return fc.oneof(fc.integer({ min: -300, max: 300 }), fc.integer(), fc.maxSafeInteger());
  if (type === 'Unsigned Integer') return fc.nat();
  if (type === 'Float') return fc.oneof(fc.float({ noNaN: true }), fc.double({ noNaN: true }));
  if (type === 'Boolean') return fc.boolean();
  return type === 'Time' ? fc.date({ noInvalidDate: true }) : value;
};
const node: fc.Arbitrary<LwM2mNode> = fc
  .constantFrom(...Object.values(object.resources))
  .chain(({ id, type, multiple }) => {
    const instance = fc.integer({ min: 0, max: 400 });
    const resourceInstanceId =
      multiple === true ? instance : fc.oneof({ weight: 20, arbitrary: fc.constant(undefined) }, instance);
    return fc
      .record({ value: fc.oneof({ weight: 20, arbitrary: valueOfType(type) }, value), resourceInstanceId })
      .map((drawn) => ({
        path: {
          ...context.path,
          resourceId: id,
          ...(drawn.resourceInstanceId === undefined ? {} : { resourceInstanceId: drawn.resourceInstanceId }),
        },
        value: drawn.value,
      }));
  });
const inOrder = (nodes: readonly LwM2mNode[]) =>
  nodes.toSorted(
    ({ path: a }, { path: b }) =>
      (a.resourceId ?? 0) - (b.resourceId ?? 0) || (a.resourceInstanceId ?? 0) - (b.resourceInstanceId ?? 0),
  );
const nodes = fc.oneof(
  fc
    .uniqueArray(node, { maxLength: 8, selector: ({ path }) => `${path.resourceId}/${path.resourceInstanceId}` })
    .map(inOrder),
  fc.array(node, { maxLength: 5 }),
);

/** What a function gives, or the code that it refuses with. */
function outcome<Value>(run: () => Value): Value | string {
  try {
    return run();
  } catch (error) {
    if (!(ContentError.is(error) || DecodeError.is(error))) throw error;
    return error.code;
  }
}

test('what is written in one loop is what is written with all checks', () => {
  fc.assert(
    fc.property(nodes, (given) => {
      const wanted = outcome(() => encodeAnyTlv(given, context, resources));
      expect(outcome(() => encodeTlv(given, context))).toEqual(wanted);
      if (typeof wanted === 'string') return;
      const settings = resolveContext(context);
      expect(decodeTlv(wanted, context)).toEqual(decodeAnyTlv(wanted, settings, resources));
    }),
    { numRuns: 2000 },
  );
});

test('what is read in one loop is what is read with all checks, faults too', () => {
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(nodes, fc.array(change, { maxLength: 3 }), (given, changes) => {
      const encoded = outcome(() => encodeTlv(given, context));
      const payload = typeof encoded === 'string' ? new Uint8Array(20) : Uint8Array.from(encoded);
      for (const [index, byte] of changes) payload[index % Math.max(1, payload.length)] = byte;
      const settings = resolveContext(context);
      const wanted = outcome(() => decodeAnyTlv(payload, settings, resources));
      expect(outcome(() => decodeTlv(payload, context))).toEqual(wanted);
    }),
    { numRuns: 2000 },
  );
});
