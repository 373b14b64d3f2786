import { ByteReader, fromHex, toHex } from '@motestack/bytes';
import { vectors } from '@motestack/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFlight } from '../handshake/flight.ts';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { type ContentType, decodeRecord, encodeRecord, SEQUENCE_MAX } from '../wire/index.ts';
import { AeadProtection } from './aead-protection.ts';
import { RecordLayer } from './record-layer.ts';
import { limitsOfFragmentLength, limitsOfSizes, type RecordLimits } from './record-limits.ts';
import { REPLAY_WINDOW, ReplayWindow } from './replay-window.ts';

interface RecordVector {
  readonly id: string;
  readonly key: string;
  readonly implicitNonce: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly contentType: number;
  readonly cid?: string;
  readonly padding?: number;
  readonly plaintext: string;
  readonly record: string;
}

const suite = vectors<{ dtlsRecords: readonly RecordVector[] }>('ccm');
const protectionOf = ({ key, implicitNonce }: RecordVector): AeadProtection =>
  new AeadProtection(nodeCryptoProvider.createAead('aes-128-ccm-8', fromHex(key)), fromHex(implicitNonce));

describe('AeadProtection', () => {
  test.each(suite.dtlsRecords)('$id opens', (vector) => {
    const connectionIdBytes = (vector.cid ?? '').length / 2;
    const record = decodeRecord(new ByteReader(fromHex(vector.record), 'test'), connectionIdBytes);
    const opened = protectionOf(vector).open(record);
    expect(opened?.contentType).toBe(vector.contentType);
    expect(toHex(opened?.content ?? fromHex('ff'))).toBe(vector.plaintext);
  });
  // We send no padding.
  test.each(suite.dtlsRecords.filter(({ padding = 0 }) => padding === 0))('$id is sealed', (vector) => {
    const { fragment: _, ...header } = decodeRecord(
      new ByteReader(fromHex(vector.record), 'test'),
      (vector.cid ?? '').length / 2,
    );
    const content = fromHex(vector.plaintext);
    const fragment = protectionOf(vector).seal(header, { contentType: vector.contentType as ContentType, content });
    expect(toHex(encodeRecord({ ...header, fragment }))).toBe(vector.record);
  });
  test.each(suite.dtlsRecords)('$id with any bit changed does not open', (vector) => {
    const bytes = fromHex(vector.record);
    const connectionIdBytes = (vector.cid ?? '').length / 2;
    const protection = protectionOf(vector);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const spoiled = bytes.slice();
      spoiled[bit >> 3] = (spoiled[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      try {
        const record = decodeRecord(new ByteReader(spoiled, 'test'), connectionIdBytes);
        expect(protection.open(record), `bit ${bit}`).toBeUndefined();
      } catch (error) {
        expect(error).toMatchObject({ name: 'DecodeError' });
      }
    }
  });
});

describe('ReplayWindow', () => {
  test('at the edge of the window and one past it', () => {
    const window = new ReplayWindow();
    window.remember(1000);
    expect(window.mayBeNew(1000)).toBe(false);
    expect(window.mayBeNew(1000 - REPLAY_WINDOW + 1)).toBe(true);
    expect(window.mayBeNew(1000 - REPLAY_WINDOW)).toBe(false);
  });
  test('says what a list of all numbers says', () => {
    const steps = fc.array(fc.oneof(fc.nat(300), fc.nat(2000), fc.constant(SEQUENCE_MAX)), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (sequences) => {
        const window = new ReplayWindow();
        const seen = new Set<number>();
        for (const sequence of sequences) {
          const newest = Math.max(-1, ...seen);
          const isNew = sequence > newest || (newest - sequence < REPLAY_WINDOW && !seen.has(sequence));
          expect(window.mayBeNew(sequence)).toBe(isNew);
          if (isNew) {
            window.remember(sequence);
            seen.add(sequence);
          }
        }
      }),
    );
  });
});

describe('RecordLayer', () => {
  const protection = (): AeadProtection =>
    new AeadProtection(nodeCryptoProvider.createAead('aes-128-ccm-8', new Uint8Array(16)), new Uint8Array(4));
  const pair = (): [RecordLayer, RecordLayer] => {
    const [sender, receiver] = [new RecordLayer(), new RecordLayer()];
    sender.protectWrites(protection());
    receiver.protectReads(protection());
    return [sender, receiver];
  };
  const recordOf = (bytes: Uint8Array | undefined, connectionIdBytes = 0): ReturnType<typeof decodeRecord> =>
    decodeRecord(new ByteReader(bytes ?? new Uint8Array(0), 'test'), connectionIdBytes);

  test('a record counts once', () => {
    const [sender, receiver] = pair();
    const [first, second] = [sender.seal(1, 23, fromHex('01')), sender.seal(1, 23, fromHex('02'))];
    expect(receiver.open(recordOf(second))).toMatchObject({ content: fromHex('02'), isNewest: true });
    expect(receiver.open(recordOf(first))).toMatchObject({ content: fromHex('01'), isNewest: false });
    expect(receiver.open(recordOf(first))).toBe('replayed');
    expect(receiver.open(recordOf(second))).toBe('replayed');
  });
  test('a forged record does not close the window for the true one', () => {
    const [sender, receiver] = pair();
    const record = recordOf(sender.seal(1, 23, fromHex('01')));
    expect(receiver.open({ ...record, sequence: 5000 })).toBe('unauthentic');
    expect(receiver.open(record)).toMatchObject({ content: fromHex('01') });
  });
  test('epochs without keys, and beyond the one there is', () => {
    const [sender] = pair();
    const record = recordOf(sender.seal(1, 23, fromHex('01')));
    expect(new RecordLayer().open(record)).toBe('unexpected');
    expect(pair()[1].open({ ...record, epoch: 2 })).toBe('unexpected');
  });
  test('connection IDs are demanded where they were agreed, and refused where not', () => {
    const [sender, receiver] = pair();
    sender.useConnectionIds(new Uint8Array(0), fromHex('c1d2'));
    const withId = sender.seal(1, 23, fromHex('01'));
    expect(receiver.open(recordOf(withId, 2))).toBe('unexpected');
    receiver.useConnectionIds(fromHex('c1d2'), new Uint8Array(0));
    expect(receiver.open(recordOf(withId, 2))).toMatchObject({ contentType: 23, content: fromHex('01') });
    const [other] = pair();
    expect(receiver.open(recordOf(other.seal(1, 23, fromHex('02'))))).toBe('unexpected');
  });
  test('the last number, and none after it', () => {
    const layer = new RecordLayer(SEQUENCE_MAX);
    expect(recordOf(layer.seal(0, 22, fromHex('01'))).sequence).toBe(SEQUENCE_MAX);
    expect(layer.seal(0, 22, fromHex('01'))).toBeUndefined();
  });
});

describe('limits of records', () => {
  const newProtection = (): AeadProtection =>
    new AeadProtection(nodeCryptoProvider.createAead('aes-128-ccm-8', new Uint8Array(16)), new Uint8Array(4));
  function opened(epoch: 0 | 1, length: number, limits: RecordLimits): string {
    const [writer, reader] = [new RecordLayer(), new RecordLayer()];
    writer.protectWrites(newProtection());
    reader.protectReads(newProtection());
    reader.limitRecords(limits);
    const sealed = writer.seal(epoch, 22, new Uint8Array(length)) ?? fromHex('');
    const result = reader.open(decodeRecord(new ByteReader(sealed, 'test'), 0));
    return typeof result === 'string' ? result : 'opened';
  }
  test.each([
    ['what is protected (RFC 8449 §4)', 1, limitsOfSizes(2 ** 14, 64), 64],
    ['what is protected (RFC 6066 §4)', 1, limitsOfFragmentLength(1), 512],
    ['what is in the clear (RFC 6066 §4)', 0, limitsOfFragmentLength(1), 512],
  ] as const)('%s: the last that is taken, and the first that is not', (_name, epoch, limits, bytes) => {
    expect(opened(epoch, bytes, limits)).toBe('opened');
    expect(opened(epoch, bytes + 1, limits)).toBe('too-long');
  });
  test('in the clear record_size_limit counts for nothing', () => {
    expect(opened(0, 2000, limitsOfSizes(64, 64))).toBe('opened');
  });
  test('a record that was too long may come again in a shorter form: it left no trace', () => {
    const layer = new RecordLayer();
    layer.limitRecords(limitsOfFragmentLength(1));
    const record = { contentType: 22, version: 0xfefd, epoch: 0, sequence: 7, connectionId: fromHex('') } as const;
    expect(layer.open({ ...record, fragment: new Uint8Array(513) })).toBe('too-long');
    expect(layer.open({ ...record, fragment: new Uint8Array(512) })).toMatchObject({ isNewest: true });
  });
  test('a flight is split into records that the peer takes', () => {
    const layer = new RecordLayer();
    layer.limitRecords(limitsOfFragmentLength(1));
    const message = { type: 11, messageSequence: 1, body: new Uint8Array(2000) };
    const datagrams = encodeFlight(layer, [{ kind: 'message', epoch: 0, message, whole: new Uint8Array(2012) }], 1232);
    const lengths = datagrams.flatMap((datagram) => {
      const reader = new ByteReader(datagram, 'test');
      const found: number[] = [];
      while (reader.remaining > 0) found.push(decodeRecord(reader, 0).fragment.length);
      return found;
    });
    expect(Math.max(...lengths)).toBe(512);
    expect(lengths.reduce((sum, length) => sum + length - 12, 0)).toBe(2000);
  });
});
