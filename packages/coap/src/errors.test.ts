import { expect, test } from 'vitest';
import {
  AbortedError,
  BodyTooLargeError,
  EndpointClosedError,
  PeerUnreachableError,
  ProtocolError,
  QueueFullError,
  ResetError,
  TimeoutError,
} from './errors.ts';

const cause = new Error('cause');
const errors = [
  [TimeoutError, new TimeoutError('m', { peer: 'p', cause }), 'timeout'],
  [ResetError, new ResetError('m', { peer: 'p', cause }), 'reset'],
  [PeerUnreachableError, new PeerUnreachableError('m', { peer: 'p', cause }), 'peer-unreachable'],
  [EndpointClosedError, new EndpointClosedError('m', { peer: 'p', cause }), 'endpoint-closed'],
  [AbortedError, new AbortedError('m', { peer: 'p', cause }), 'aborted'],
  [QueueFullError, new QueueFullError('m', { peer: 'p', cause, limit: 'l' }), 'queue-full'],
  [BodyTooLargeError, new BodyTooLargeError('m', { peer: 'p', cause, limit: 'l' }), 'body-too-large'],
  [ProtocolError, new ProtocolError('m', { peer: 'p', cause, section: 's' }), 'protocol'],
] as const;

test.each(errors)('%o has name, code, peer and cause, and is known by them', (kind, error, code) => {
  expect(error).toMatchObject({ name: kind.name, code, peer: 'p', message: 'm', cause });
  expect(kind.is(error)).toBe(true);
  // One of another copy of the package, and things that are none.
  expect(kind.is(Object.assign(new Error('m'), { name: kind.name, code }))).toBe(true);
  expect(
    [new Error('m'), Object.assign(new Error('m'), { code }), { name: kind.name, code }, undefined].some(kind.is),
  ).toBe(false);
  for (const [other] of errors) if (other !== kind) expect(other.is(error)).toBe(false);
});

test('without a cause there is none', () => {
  expect('cause' in new TimeoutError('m')).toBe(false);
});
