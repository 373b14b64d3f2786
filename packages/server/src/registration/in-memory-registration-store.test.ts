import { beforeEach, describe, expect, test } from 'vitest';
import { InMemoryRegistrationStore } from './in-memory-registration-store.ts';
import type { Registration } from './registration.ts';

const registration = (id: string, endpoint = 'a', revision = 0): Registration => ({
  id,
  revision,
  endpoint,
  lwm2mVersion: '1.1',
  lifetimeSeconds: 60,
  binding: 'U',
  queueMode: false,
  smsNumber: undefined,
  additionalParameters: {},
  inventory: { rootPath: '/', contentFormats: [], objects: [] },
  peer: '10.0.0.2:5683',
  localUrl: 'coap://10.0.0.1:5683',
  registeredAtEpochMs: 0,
  updatedAtEpochMs: 0,
});
const observation = { id: '1', registrationId: 'x', path: '/3/0/9', contentFormat: 112, sinceEpochMs: 0 };
const registrationsMax = 2;

describe('InMemoryRegistrationStore', () => {
  let store: InMemoryRegistrationStore;
  beforeEach(() => {
    store = new InMemoryRegistrationStore();
    store.commit({ endpoint: 'a', expected: undefined, next: registration('x'), registrationsMax });
  });

  test('finds by endpoint name and by location', () => {
    expect(store.findByEndpoint('a')?.id).toBe('x');
    expect(store.findById('x')?.endpoint).toBe('a');
    expect(store.findById('y')).toBeUndefined();
    expect([...store.registrations()]).toHaveLength(1);
  });

  test.each([
    ['nothing, where something is', undefined],
    ['another id', { id: 'y', revision: 0 }],
    ['another revision', { id: 'x', revision: 1 }],
  ])('a change that was decided on %s is a conflict', (_name, expected) => {
    expect(store.commit({ endpoint: 'a', expected, next: registration('z'), registrationsMax })).toBe('conflict');
    expect(store.findByEndpoint('a')?.id).toBe('x');
  });

  test('a location that is taken is a conflict', () => {
    expect(store.commit({ endpoint: 'b', expected: undefined, next: registration('x', 'b'), registrationsMax })).toBe(
      'conflict',
    );
  });

  test('holds as many registrations as it is told, and not one more; one that is replaced takes no room', () => {
    expect(store.commit({ endpoint: 'b', expected: undefined, next: registration('y', 'b'), registrationsMax })).toBe(
      'committed',
    );
    expect(store.commit({ endpoint: 'c', expected: undefined, next: registration('z', 'c'), registrationsMax })).toBe(
      'full',
    );
    const expected = store.findByEndpoint('a');
    expect(store.commit({ endpoint: 'a', expected, next: registration('z'), registrationsMax })).toBe('committed');
    expect(store.count()).toBe(2);
  });

  test('a new registration drops the observations of the old one in the same operation', () => {
    expect(store.addObservation(observation)).toBe(true);
    store.commit({ endpoint: 'a', expected: registration('x'), next: registration('y'), registrationsMax });
    expect(store.observations('x')).toEqual([]);
    expect(store.findById('x')).toBeUndefined();
    expect(store.addObservation(observation)).toBe(false);
  });

  test('an Update keeps the observations', () => {
    store.addObservation(observation);
    store.commit({ endpoint: 'a', expected: registration('x'), next: registration('x', 'a', 1), registrationsMax });
    expect(store.observations('x')).toEqual([observation]);
    store.removeObservation(observation);
    expect(store.observations('x')).toEqual([]);
  });

  test('the end of a registration leaves nothing', () => {
    store.addObservation(observation);
    store.commit({ endpoint: 'a', expected: registration('x'), next: undefined, registrationsMax });
    expect(store.count()).toBe(0);
    expect(store.findById('x')).toBeUndefined();
    expect(store.observations('x')).toEqual([]);
  });
});
