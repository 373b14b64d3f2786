import { DecodeError } from '@motestack/bytes';
import type { LwM2mNode, Path } from '@motestack/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ContentError } from '../content-error.ts';
import { decodeTlv } from './decode-tlv.ts';
import { decodeTlvEntries, encodeTlvEntries, type TlvEntry } from './tlv-entries.ts';

const id = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 65_534 }));
const value = fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ minLength: 200, maxLength: 300 }));
const leaf = (type: 'resource' | 'resourceInstance'): fc.Arbitrary<TlvEntry> =>
  fc.record({ type: fc.constant(type), id, value });
const container = (
  type: 'objectInstance' | 'multipleResource',
  inner: fc.Arbitrary<TlvEntry>,
): fc.Arbitrary<TlvEntry> => fc.record({ type: fc.constant(type), id, children: fc.array(inner, { maxLength: 5 }) });
const multiple = container('multipleResource', leaf('resourceInstance'));
const instance = container('objectInstance', fc.oneof(multiple, leaf('resource')));
const entries = fc.array(fc.oneof(instance, multiple, leaf('resource'), leaf('resourceInstance')), { maxLength: 5 });

/** What {@link decodeTlv} is held to: the nodes of entries for `/9`, without definitions; `undefined` if there is a duplicate. */
function nodesOf(list: readonly TlvEntry[], path: Path): LwM2mNode[] | undefined {
  if (new Set(list.map((entry) => entry.id)).size < list.length) return undefined;
  const nodes: LwM2mNode[] = [];
  for (const entry of list) {
    const below = childPath(path, entry);
    if (!('children' in entry)) nodes.push({ path: below, value: entry.value });
    else if (entry.children.length === 0) nodes.push({ path: below });
    else {
      const inner = nodesOf(entry.children, below);
      if (inner === undefined) return undefined;
      nodes.push(...inner);
    }
  }
  return nodes;
}

function childPath(path: Path, entry: TlvEntry): Path {
  if (entry.type === 'objectInstance') return { ...path, objectInstanceId: entry.id };
  return entry.type === 'resourceInstance'
    ? { ...path, resourceInstanceId: entry.id }
    : { ...path, resourceId: entry.id };
}

describe('TLV', () => {
  test('entries that are encoded are decoded to the same', () => {
    fc.assert(
      fc.property(entries, (list) => {
        expect(decodeTlvEntries(encodeTlvEntries(list))).toEqual(list);
      }),
    );
  });

  test('any bytes are decoded to entries or rejected, and the entries are those of a shorter or equal payload', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          const list = decodeTlvEntries(bytes);
          const again = encodeTlvEntries(list);
          expect(again.length).toBeLessThanOrEqual(bytes.length);
          expect(decodeTlvEntries(again)).toEqual(list);
        } catch (error) {
          if (!DecodeError.is(error)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('nodes are those of the entries', () => {
    const list = fc.oneof(
      fc.array(instance, { maxLength: 5 }),
      fc.array(fc.oneof(multiple, leaf('resource')), { maxLength: 5 }),
    );
    fc.assert(
      fc.property(list, (given) => {
        const context = { path: { objectId: 9 }, lookup: () => undefined };
        const wanted = nodesOf(given, context.path);
        const bytes = encodeTlvEntries(given);
        if (wanted !== undefined) expect(decodeTlv(bytes, context)).toEqual(wanted);
        else expect(() => decodeTlv(bytes, context)).toThrow(expect.objectContaining({ code: 'duplicate-path' }));
      }),
    );
  });

  test('bytes that are rejected as entries are rejected as nodes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 32 }), (bytes) => {
        let rejected = false;
        try {
          decodeTlvEntries(bytes);
        } catch {
          rejected = true;
        }
        try {
          decodeTlv(bytes, { path: { objectId: 9, objectInstanceId: 0 }, lookup: () => undefined });
          expect(rejected).toBe(false);
        } catch (error) {
          if (!(DecodeError.is(error) || ContentError.is(error))) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
