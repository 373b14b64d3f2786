import { expect, test } from 'vitest';
import { DtlsPair, kindsOf } from './dtls-pair.fixture.ts';
import { mutual } from './handshake-shapes.fixture.ts';

/** A path that loses all datagrams of more than so many bytes. */
function over(pathBytes: number, datagramBytesAfterTimeouts?: number): DtlsPair {
  const parameters = {
    datagramBytesMax: 1232,
    ...(datagramBytesAfterTimeouts === undefined ? {} : { datagramBytesAfterTimeouts }),
  };
  return new DtlsPair({
    ...mutual(),
    client: { psk: undefined, parameters },
    server: { acceptsPsk: false, parameters },
    pass: ({ bytes }) => (bytes.length <= pathBytes ? [bytes] : []),
  });
}

test('datagrams of handshakes shrink after two time-outs (RFC 6347 §4.1.1.1)', () => {
  const pair = over(330, 330).connect();
  expect(pair.sent.some(({ bytes }) => bytes.length > 330)).toBe(true);
  pair.advance(60_000);
  expect(kindsOf(pair.clientEvents)).toContain('connected');
  const answers = pair.sent.filter(({ to, bytes }) => to === 'client' && bytes.length > 100);
  expect(answers[0]?.bytes.length).toBeGreaterThan(330);
  expect(answers.at(-1)?.bytes.length).toBeLessThanOrEqual(330);
});

test('without a smaller size such a path ends no handshake', () => {
  const pair = over(330, 1232).connect().advance(130_000);
  expect(kindsOf(pair.clientEvents)).toEqual(['ended']);
});

test('datagramBytesAfterTimeouts has a least value', () => {
  expect(() => over(330, 63)).toThrow(RangeError);
  expect(() => over(330, 64)).not.toThrow();
});
