import { vectors } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import {
  type AttributeChanges,
  applyAttributeChanges,
  checkAttributes,
  checkAttributesApply,
  mergeAttributes,
  type NotificationAttributes,
} from './notification-attributes.ts';
import type { ResourceSpec } from './object-spec.ts';
import { parsePath } from './path.ts';

interface PrecedenceVector {
  readonly id: string;
  readonly title: string;
  readonly levels: Readonly<
    Record<'object' | 'instance' | 'resource' | 'resourceInstance', NotificationAttributes | undefined>
  >;
  readonly serverDefaults: NotificationAttributes;
  readonly observeParameters?: NotificationAttributes;
  readonly effective: NotificationAttributes;
}

const { precedence } = vectors<{ precedence: PrecedenceVector[] }>('notify');

describe('mergeAttributes', () => {
  test.each(precedence)('$id: $title', ({ levels, serverDefaults, observeParameters, effective }) => {
    const { instance, ...others } = levels;
    const given = Object.fromEntries(
      Object.entries({ ...others, objectInstance: instance, serverDefaults, observeParameters }).filter(
        ([, some]) => some !== undefined,
      ),
    );
    expect(mergeAttributes(given)).toEqual(effective);
  });

  test('pmax of 0 is ignored, one equal to pmin is not', () => {
    expect(mergeAttributes({ resource: { pmax: 0 } })).toEqual({});
    expect(mergeAttributes({ resource: { pmin: 5, pmax: 5 } })).toEqual({ pmin: 5, pmax: 5 });
    expect(mergeAttributes({ resource: { pmin: 5, pmax: 4 } })).toEqual({ pmin: 5 });
  });

  test('the defaults of the server stand behind the parameters of an Observe', () => {
    const levels = { serverDefaults: { pmin: 2, pmax: 9 }, resource: { gt: 1 }, observeParameters: { pmin: 3 } };
    expect(mergeAttributes(levels)).toEqual({ pmin: 3, pmax: 9 });
  });
});

describe('applyAttributeChanges', () => {
  test('sets, unsets and leaves alone', () => {
    const changes: AttributeChanges = { pmin: undefined, pmax: 60 };
    expect(applyAttributeChanges({ pmin: 1, gt: 5 }, changes)).toEqual({ pmax: 60, gt: 5 });
  });

  test('new values must go with those that were there', () => {
    expect(() => applyAttributeChanges({ gt: 5 }, { lt: 5 })).toThrow(
      expect.objectContaining({ code: 'inconsistent' }),
    );
    expect(applyAttributeChanges({ gt: 5 }, { lt: 5, gt: undefined })).toEqual({ lt: 5 });
  });
});

describe('checkAttributes', () => {
  test.each<NotificationAttributes>([
    { lt: 1, gt: 2 },
    { lt: 1, gt: 3.5, st: 1 },
    { gt: 1, st: 100 },
    { epmin: 1, epmax: 2 },
    { pmin: 60, pmax: 10 },
  ])('%o goes together', (attributes) => expect(() => checkAttributes(attributes)).not.toThrow());

  test.each<NotificationAttributes>([
    { lt: 2, gt: 2 },
    { lt: 3, gt: 2 },
    { lt: 1, gt: 3, st: 1 },
    { epmin: 2, epmax: 2 },
  ])('%o does not', (attributes) => {
    expect(() => checkAttributes(attributes)).toThrow(expect.objectContaining({ code: 'inconsistent' }));
  });
});

describe('checkAttributesApply', () => {
  const float: ResourceSpec = { id: 1, operations: 'R', type: 'Float' };
  const boolean: ResourceSpec = { id: 2, operations: 'RW', type: 'Boolean' };
  const execute: ResourceSpec = { id: 3, operations: 'E', type: '' };

  test.each<[AttributeChanges, string, ResourceSpec | undefined]>([
    [{ pmin: 1, con: true }, '/3303', undefined],
    [{ pmin: 1, pmax: 2 }, '/3303/0', undefined],
    [{ gt: 1, lt: 0, st: 1 }, '/3303/0/1', float],
    [{ gt: 1 }, '/3303/0/1/0', float],
    [{ gt: 1 }, '/3303/0/1', undefined],
    [{ edge: true }, '/3303/0/2', boolean],
    [{ gt: undefined, edge: undefined }, '/3303', undefined],
  ])('%o at %s', (attributes, path, spec) => {
    expect(() => checkAttributesApply(attributes, parsePath(path), spec)).not.toThrow();
  });

  test.each<[AttributeChanges, string, ResourceSpec | undefined]>([
    [{ pmin: 1 }, '/', undefined],
    [{ gt: 1 }, '/3303/0', undefined],
    [{ edge: false }, '/3303', undefined],
    [{ st: 1 }, '/3303/0/2', boolean],
    [{ edge: true }, '/3303/0/1', float],
    [{ lt: 1 }, '/3303/0/3', execute],
  ])('%o not at %s', (attributes, path, spec) => {
    const check = () => checkAttributesApply(attributes, parsePath(path), spec);
    expect(check).toThrow(expect.objectContaining({ code: 'not-applicable' }));
  });
});
