import { describe, expect, test } from 'vitest';
import { type DecoderCase, testDecoder } from '../wire/decoder-case.fixture.ts';
import { decodeClientSession, encodeClientSession } from './client-session.ts';
import { MemorySessionStore } from './memory-session-store.ts';
import { decodeSession, encodeSession } from './session.ts';

const keys = `${'5a'.repeat(48)} ${'a5'.repeat(32)}`;
const psk = `01 c0a8 00 ${keys} 00 05 6465762d31 00`;

const cases: readonly DecoderCase[] = [
  {
    name: 'session',
    recode: (bytes) => encodeSession(decodeSession(bytes)),
    valid: {
      'with a pre-shared key': psk,
      'with a name and encrypt-then-MAC': `01 00ae 01 ${keys} 02 6161 00 00`,
      'with fragments of 2^12 bytes': `01 c0a8 08 ${keys} 00 00 00`,
      'with a raw public key': `01 c0ae 00 ${keys} 00 00 01 00 0002 3000`,
      'with certificates': `01 c0ae 00 ${keys} 00 00 02 02 0002 3000 0001 aa 0001 bb`,
    },
    invalid: {
      'another layout': [psk.replace('01', '02'), 'unknown-version', 0],
      'an unknown suite': [psk.replace('c0a8', 'c0ff'), 'reserved-value', 1],
      'an unknown length of fragments': [psk.replace('00', '0a'), 'reserved-value', 3],
      'an identity of 129 bytes': [`01 c0a8 00 ${keys} 00 81 ${'61'.repeat(129)} 00`, 'too-long', 85],
      'a name that is not UTF-8': [`01 c0a8 00 ${keys} 01 ff 00 00`, 'bad-utf8', 0],
      'an unknown form': [`01 c0a8 00 ${keys} 00 00 03`, 'reserved-value', 86],
      'eleven certificates': [`01 c0ae 00 ${keys} 00 00 02 0b 0000 ${'0000'.repeat(11)}`, 'too-many', 87],
      'something behind it': [`${psk} 00`, 'trailing-bytes', 92],
    },
  },
  {
    name: 'session of a client',
    recode: (bytes) => encodeClientSession(decodeClientSession(bytes)),
    valid: { 'with an id': `02 0102 0000 ${psk}`, 'with a ticket': `00 0003 aabbcc ${psk}` },
    invalid: { 'an id of 33 bytes': [`21 ${'00'.repeat(33)} 0000 ${psk}`, 'too-long', 0] },
  },
];

describe.each(cases)('$name', testDecoder);

describe('the store in memory', () => {
  const clock = { at: 0, now: () => clock.at };
  test('at sessionsMax the oldest makes room, and is zeroed', () => {
    const store = new MemorySessionStore(clock, 2);
    const sessions = ['a', 'b', 'c'].map((key, index) => {
      const session = Uint8Array.of(index + 1);
      store.keep(key, session, 1000);
      return session;
    });
    expect(store.size).toBe(2);
    expect(['a', 'b', 'c'].map((key) => store.find(key)?.[0])).toEqual([undefined, 2, 3]);
    expect(sessions[0]).toEqual(Uint8Array.of(0));
    expect(() => new MemorySessionStore(clock, 0)).toThrow(RangeError);
  });
  test('after its lifetime a session is gone', () => {
    const store = new MemorySessionStore(clock);
    store.keep('a', Uint8Array.of(1), 1000);
    clock.at = 999;
    expect(store.find('a')).toEqual(Uint8Array.of(1));
    clock.at = 1000;
    expect(store.find('a')).toBeUndefined();
    expect(store.size).toBe(0);
  });
  test('what was found belongs to who asked', () => {
    const store = new MemorySessionStore(clock);
    store.keep('a', Uint8Array.of(1), 1000);
    store.find('a')?.fill(0);
    expect(store.find('a')).toEqual(Uint8Array.of(1));
  });
});
