import { vectors } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import {
  type AccessControlInstance,
  type AccessOperation,
  AccessRight,
  accessRights,
  BOOTSTRAP_OWNER,
  isAccessAllowed,
  isAccessControlManaged,
  OBJECT_LEVEL,
} from './access-control.ts';
import { parsePath } from './path.ts';

interface AccessVector {
  readonly title: string;
  readonly source: string;
  readonly serverAccounts: number;
  readonly owner: number | null;
  readonly acl: Readonly<Record<number, number>>;
  readonly shortServerId: number;
  readonly operation: AccessOperation;
  readonly level?: 'object';
  readonly allowed: boolean;
}

const { accessControl } = vectors<{ accessControl: readonly AccessVector[] }>('registration');

const about = (
  objectInstanceId: number,
  accessControlOwner: number,
  acl?: Readonly<Record<number, number>>,
): AccessControlInstance => ({ objectId: 3303, objectInstanceId, accessControlOwner, ...(acl && { acl }) });

test('there are vectors', () => expect(accessControl).toHaveLength(16));

describe('isAccessAllowed', () => {
  test.each(accessControl)(
    '$title [$source]',
    ({ serverAccounts, owner, acl, shortServerId, operation, level, allowed }) => {
      const objectInstanceId = level === 'object' ? OBJECT_LEVEL : 0;
      const instances = owner === null ? [] : [about(objectInstanceId, owner, acl)];
      const path = parsePath(operation === 'create' ? '/3303' : '/3303/0/5700');
      expect(isAccessAllowed({ serverAccounts, instances }, shortServerId, operation, path)).toBe(allowed);
    },
  );

  const state = {
    serverAccounts: 2,
    instances: [
      about(0, 1),
      about(1, 1, { 2: 1 }),
      about(2, 1, { 0: 31 }),
      about(OBJECT_LEVEL, BOOTSTRAP_OWNER, { 1: 16 }),
    ],
  };

  test.each<[number, AccessOperation, string, boolean]>([
    [2, 'read', '/3303/0', false],
    [2, 'read', '/3303/1', true],
    [2, 'read', '/3303/1/5700/0', true],
    [2, 'observe', '/3303', true],
    [3, 'read', '/3303', true],
    [2, 'read', '/3304', false],
    [2, 'read', '/', false],
    [1, 'write', '/3303', false],
    [1, 'delete', '/3303', false],
    [1, 'execute', '/3303', false],
    [2, 'write-attributes', '/3303', true],
    [2, 'write-attributes', '/', false],
    [2, 'write-attributes', '/3303/0', false],
    [9, 'discover', '/3303/0', true],
    [1, 'create', '/3303', true],
    [1, 'create', '/3303/7', true],
    [2, 'create', '/3303', false],
    [1, 'read', '/3303/9', false],
  ])('server %i: %s %s is %s', (shortServerId, operation, path, allowed) => {
    expect(isAccessAllowed(state, shortServerId, operation, parsePath(path))).toBe(allowed);
  });

  test('the object as a whole grants nothing but Create', () => {
    const instances = [about(OBJECT_LEVEL, 1, { 0: 31, 2: 31 })];
    const allowed = (id: number, operation: AccessOperation) =>
      isAccessAllowed({ serverAccounts: 2, instances }, id, operation, parsePath('/3303'));
    expect([allowed(1, 'create'), allowed(2, 'create'), allowed(3, 'create')]).toEqual([false, true, false]);
    expect([allowed(1, 'read'), allowed(2, 'read'), allowed(3, 'read')]).toEqual([false, false, false]);
  });

  test('without any account nobody is alone', () => {
    expect(isAccessAllowed({ serverAccounts: 0, instances: [] }, 1, 'read', parsePath('/3/0'))).toBe(false);
  });
});

describe('accessRights', () => {
  const { Read, Write, Execute, Delete } = AccessRight;

  test('no access control grants nothing', () => expect(accessRights(undefined, 1)).toBe(0));
  test('an owner has all but Create', () => expect(accessRights(about(0, 1), 1)).toBe(Read + Write + Execute + Delete));
  test('an owner does not have the default', () => expect(accessRights(about(0, 1, { 0: 1 }), 1)).toBe(15));
  test('bits that mean nothing grant nothing', () => expect(accessRights(about(0, 1, { 2: 0xff }), 2)).toBe(15));
  test('without a list there is no default', () => expect(accessRights(about(0, 1), 2)).toBe(0));
});

describe('isAccessControlManaged', () => {
  test('by its owner alone', () => {
    expect(isAccessControlManaged(about(0, 1, { 2: 31 }), 1)).toBe(true);
    expect(isAccessControlManaged(about(0, 1, { 2: 31 }), 2)).toBe(false);
    expect(isAccessControlManaged(about(0, BOOTSTRAP_OWNER), BOOTSTRAP_OWNER)).toBe(false);
  });
});
