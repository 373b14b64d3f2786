import { expect, test } from 'vitest';
import { assertPskOverTls } from './psk-over-tls.ts';

test('Node has pre-shared keys over TLS', () => {
  expect(() => assertPskOverTls()).not.toThrow();
});

test.each([
  ['bun', 'Bun'],
  ['deno', 'Deno'],
])('%s has not, and is told why and what to use', (name, title) => {
  expect(() => assertPskOverTls({ node: '24.3.0', [name]: '1.0.0' })).toThrow(
    expect.objectContaining({ name: 'TypeError', message: expect.stringMatching(`pskCallback.*${title}.*coaps`) }),
  );
});
