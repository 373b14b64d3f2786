import { fromHex, toHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { CipherSuiteId } from '../record/cipher-suite.ts';
import { attackedShapes } from './attacked-shapes.fixture.ts';
import { flipBits } from './bit-flips.fixture.ts';
import { DtlsPair, kindsOf, type PairOptions, type Passing } from './dtls-pair.fixture.ts';
import { mutual } from './handshake-shapes.fixture.ts';

describe.each(attackedShapes)('%s', (_name, options) => {
  test('a bit changed in every 29th byte: it heals or ends, and is never accepted', () => {
    const { changed, ended } = flipBits(options, 0x10, 29);
    expect(changed).toBeGreaterThan(3);
    expect(ended).toBeGreaterThan(0);
  });
  test('datagrams cut short are sent again', () => {
    for (let datagram = 0; datagram < 6; datagram++)
      for (const kept of [0, 1, 13, 14, 70, 400]) {
        const pass = ({ bytes }: Passing, index: number): Uint8Array[] => [
          index === datagram ? bytes.subarray(0, kept) : bytes,
        ];
        const pair = new DtlsPair({ ...options, pass }).connect().advance(5000);
        expect(pair.say('01').heard(), `datagram ${datagram} cut at ${kept}`).toEqual(['01']);
      }
  });
  test.each([1, 2, 0xffff])('the first record of a datagram in epoch %i is dropped, and sent again', (epoch) => {
    for (let datagram = 0; datagram < 6; datagram++) {
      const pass = ({ bytes }: Passing, index: number): Uint8Array[] => {
        const changed = bytes.slice();
        if (index === datagram) changed.set([epoch >>> 8, epoch & 0xff], 3);
        return [changed];
      };
      const pair = new DtlsPair({ ...options, pass }).connect().advance(5000);
      expect(pair.say('01').heard(), `datagram ${datagram}`).toEqual(['01']);
    }
  });
  test('a Finished in the clear means nothing', () => {
    const pass = ({ bytes }: Passing): Uint8Array[] => {
      const last = toHex(bytes).lastIndexOf('16fefd0001');
      if (last < 0) return [bytes];
      const changed = bytes.slice();
      changed.set([0, 0], last / 2 + 3);
      return [changed];
    };
    const client = { ...options.client, connectionIdBytes: false } as const;
    const pair = new DtlsPair({ ...options, client, pass }).connect().advance(400_000);
    expect(kindsOf(pair.clientEvents).at(-1)).toBe('ended');
    expect(pair.server.stats()).toMatchObject({ associations: 0, handshakes: 0 });
  });
});

describe('a downgrade', () => {
  /** Changes every ClientHello on its way. */
  const inHellos =
    (from: string, to: string) =>
    ({ bytes, to: whom }: Passing): Uint8Array[] => {
      const isHello = whom === 'server' && bytes[13] === 1;
      const hex = toHex(bytes);
      if (isHello) expect(hex).toContain(from);
      return [isHello ? fromHex(hex.replace(from, to)) : bytes];
    };
  function attacked(options: PairOptions, from: string, to: string): DtlsPair {
    return new DtlsPair({ ...options, pass: inHellos(from, to) }).connect().advance(400_000);
  }
  test('of the suite: to plain PSK', () => {
    const cipherSuites = [CipherSuiteId.EcdheEcdsaAes128Ccm8, CipherSuiteId.PskAes128Ccm8];
    const options = { ...mutual(), client: { cipherSuites }, server: {} };
    expect(new DtlsPair(options).connect().clientEvents.at(-1)).toMatchObject({ cipherSuite: { id: cipherSuites[0] } });
    const pair = attacked(options, 'c0aec0a8', '7a7ac0a8');
    expect(kindsOf(pair.clientEvents)).toEqual(['ended']);
    expect(pair.server.stats()).toMatchObject({ associations: 0, handshakes: 0 });
  });
  test('of the group', () => {
    const pair = attacked(mutual(), '0017001d0018', '7a7a7a7a0018');
    expect(kindsOf(pair.clientEvents)).toContain('ended');
    expect(pair.server.stats()).toMatchObject({ associations: 0, handshakes: 0 });
  });
  test('of the signature algorithms', () => {
    const pair = attacked(mutual(), '04030503', '7a7a0503');
    expect(kindsOf(pair.clientEvents)).toContain('ended');
    expect(pair.server.stats()).toMatchObject({ associations: 0, handshakes: 0 });
  });
  test('of the version: protocol_version', () => {
    // The version of the hello, behind the headers of record and message.
    const pass = ({ bytes, to }: Passing): Uint8Array[] => {
      const changed = bytes.slice();
      if (to === 'server' && bytes[13] === 1) changed.set([0xfe, 0xff], 25);
      return [changed];
    };
    const pair = new DtlsPair({ ...mutual(), pass }).connect();
    expect(pair.clientEvents).toEqual([{ kind: 'ended', reason: 'alert-received', alert: 70 }]);
  });
});
