import { createCipheriv, createHmac } from 'node:crypto';
import { fromHex, toHex } from '@motestack/bytes';
import { seededRandom, seededRandomSource } from '@motestack/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { ContentType, type DtlsRecord, ProtocolVersion } from '../wire/index.ts';
import { CbcProtection } from './cbc-protection.ts';
import type { RecordHeader } from './record-protection.ts';

const key = new Uint8Array(16).fill(7);
const mac = new Uint8Array(32).fill(9);
const header: RecordHeader = {
  contentType: ContentType.ApplicationData,
  version: ProtocolVersion.Dtls12,
  epoch: 1,
  sequence: 5,
  connectionId: new Uint8Array(0),
};
const withId: RecordHeader = { ...header, contentType: ContentType.Tls12Cid, connectionId: fromHex('c1d2') };

function protection(encryptThenMac: boolean): CbcProtection {
  return new CbcProtection({
    provider: nodeCryptoProvider,
    random: seededRandomSource(seededRandom(3)),
    cipher: nodeCryptoProvider.createBlockCipher('aes-128-cbc', key),
    macKey: mac.slice(),
    encryptThenMac,
  });
}

const opened = (encryptThenMac: boolean, record: DtlsRecord): string | undefined => {
  const plain = protection(encryptThenMac).open(record);
  return plain === undefined ? undefined : `${plain.contentType} ${toHex(plain.content)}`;
};

/** A record whose padding is as it is given, with a MAC that is right. */
function withPadding(padding: string, encryptThenMac: boolean): DtlsRecord {
  const content = fromHex('aabb');
  const iv = new Uint8Array(16).fill(1);
  const hmac = (length: number, bytes: Uint8Array): Buffer =>
    createHmac('sha256', mac)
      .update(fromHex(`0001 000000000005 17 fefd ${length.toString(16).padStart(4, '0')}`))
      .update(bytes)
      .digest();
  const inner = encryptThenMac ? content : Buffer.concat([content, hmac(2, content)]);
  const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
  const sealed = Buffer.concat([iv, cipher.update(Buffer.concat([inner, fromHex(padding)]))]);
  const fragment = encryptThenMac ? Buffer.concat([sealed, hmac(sealed.length, sealed)]) : sealed;
  return { ...header, fragment };
}

describe.each([
  ['encrypt-then-MAC (RFC 7366)', true],
  ['MAC-then-encrypt (RFC 5246 §6.2.3.2)', false],
])('%s', (_name, encryptThenMac) => {
  test('what was sealed opens, with a connection ID too, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), fc.nat(), fc.nat(), (content, hasId, at, cut) => {
        const head = hasId ? withId : header;
        const plain = { contentType: ContentType.ApplicationData, content };
        const fragment = protection(encryptThenMac).seal(head, plain);
        expect(fragment.length - content.length).toBeLessThanOrEqual(protection(encryptThenMac).overheadBytes + 1);
        expect(opened(encryptThenMac, { ...head, fragment })).toBe(`23 ${toHex(content)}`);
        const spoiled = fragment.map((byte, index) => (index === at % fragment.length ? byte ^ 1 : byte));
        expect(opened(encryptThenMac, { ...head, fragment: spoiled })).toBeUndefined();
        expect(
          opened(encryptThenMac, { ...head, fragment: fragment.subarray(0, cut % fragment.length) }),
        ).toBeUndefined();
        expect(opened(encryptThenMac, { ...head, sequence: 6, fragment })).toBeUndefined();
        expect(opened(!encryptThenMac, { ...head, fragment })).toBeUndefined();
      }),
    );
  });
  // Two bytes of content, and a MAC that is two blocks: 14 bytes are left, or 30.
  test.each([
    ['the least padding', '0d'.repeat(14), '23 aabb'],
    ['a block more of it', '1d'.repeat(30), '23 aabb'],
    ['one byte that is not the length', `${'0d'.repeat(5)}0c${'0d'.repeat(8)}`, undefined],
    ['more than there is', 'ff'.repeat(14), undefined],
    ['more than there is before the MAC', '2f'.repeat(14), undefined],
  ])('%s', (_name2, padding, expected) => {
    expect(opened(encryptThenMac, withPadding(padding, encryptThenMac))).toBe(expected);
  });
});
