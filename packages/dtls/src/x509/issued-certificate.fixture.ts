import { createHash, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { fromHex } from '@motestack/bytes';
import type { SigningCredential } from '../credentials/answer-wanted.ts';
import { signingCredential } from '../node/signing-credential.ts';
import { contextTag, DerTag, primitiveContextTag } from './der-reader.ts';
import { bits, boolean, der, integer, namedBits, oid, sequence, text, time } from './der-writer.fixture.ts';

/** The day of the tests. */
export const today: number = Date.UTC(2026, 5, 15);
export const DAY_MS = 24 * 3600 * 1000;

/** What a test certificate says; what is left out is as good as can be. */
export interface Subject {
  readonly name: string;
  readonly kind?: 'p-256' | 'p-384' | 'rsa';
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  /** `undefined`: no basic constraints. */
  readonly authority?: { readonly isAuthority: boolean; readonly pathLength?: number };
  readonly keyUsage?: readonly number[];
  readonly extendedKeyUsage?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** Whole extensions, in DER. */
  readonly more?: readonly Uint8Array[];
  /** Signs by another key than the issuer's. */
  readonly signedBy?: KeyObject;
}

/** A certificate with its private key. */
export interface Issued {
  readonly subject: Subject;
  readonly bytes: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

export const SERVER_USAGE = '2b06010505070301';
export const CLIENT_USAGE = '2b06010505070302';

const nameOf = (commonName: string): Uint8Array =>
  sequence(der(DerTag.Set, sequence(oid('550403'), text(DerTag.Utf8String, commonName))));

export const extension = (type: string, value: Uint8Array, isCritical: boolean = false): Uint8Array =>
  sequence(oid(type), ...(isCritical ? [boolean(true)] : []), der(DerTag.OctetString, value));

function extensionsOf(subject: Subject): Uint8Array[] {
  const { authority, keyUsage, extendedKeyUsage, dnsNames, ipAddresses = [], more = [] } = subject;
  const all: Uint8Array[] = [];
  if (authority !== undefined) {
    const { isAuthority, pathLength } = authority;
    const parts = [...(isAuthority ? [boolean(true)] : []), ...(pathLength === undefined ? [] : [integer(pathLength)])];
    all.push(extension('551d13', sequence(...parts), true));
  }
  if (keyUsage !== undefined) all.push(extension('551d0f', namedBits(...keyUsage), true));
  if (extendedKeyUsage !== undefined) all.push(extension('551d25', sequence(...extendedKeyUsage.map(oid))));
  if (dnsNames !== undefined || ipAddresses.length > 0) {
    const names = (dnsNames ?? []).map((name) => text(primitiveContextTag(2), name));
    const addresses = ipAddresses.map((address) => der(primitiveContextTag(7), fromHex(address)));
    all.push(extension('551d11', sequence(...names, ...addresses)));
  }
  return [...all, ...more];
}

function newKey(kind: Subject['kind']): { publicKey: KeyObject; privateKey: KeyObject } {
  if (kind === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  return generateKeyPairSync('ec', { namedCurve: kind === 'p-384' ? 'secp384r1' : 'prime256v1' });
}

/** Issues a certificate; without an issuer it issues itself. */
export function issue(subject: Subject, issuer?: Issued): Issued {
  const { publicKey, privateKey } = newKey(subject.kind);
  const key = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const signer = subject.signedBy ?? issuer?.privateKey ?? privateKey;
  const algorithm =
    signer.asymmetricKeyType === 'rsa'
      ? sequence(oid('2a864886f70d01010b'), der(DerTag.Null))
      : sequence(oid('2a8648ce3d040302'));
  const { notBeforeMs = today - 10 * DAY_MS, notAfterMs = today + 10 * DAY_MS } = subject;
  const extensions = extensionsOf(subject);
  const body = sequence(
    der(contextTag(0), integer(2)),
    der(DerTag.Integer, Uint8Array.of(1, ...createHash('sha256').update(key).digest().subarray(0, 8))),
    algorithm,
    nameOf(issuer?.subject.name ?? subject.name),
    sequence(time(notBeforeMs), time(notAfterMs)),
    nameOf(subject.name),
    key,
    ...(extensions.length === 0 ? [] : [der(contextTag(3), sequence(...extensions))]),
  );
  const signature = createSign('sha256').update(body).sign(signer);
  return { subject, bytes: sequence(body, algorithm, bits(signature)), publicKey: key, privateKey };
}

const authority = { isAuthority: true };
export const root = issue({ name: 'Root', authority, keyUsage: [5, 6] });
export const intermediate = issue({ name: 'Intermediate', authority, keyUsage: [5] }, root);
export const server = issue(
  { name: 'server', keyUsage: [0], extendedKeyUsage: [SERVER_USAGE], dnsNames: ['lwm2m.example.com'] },
  intermediate,
);
export const device = issue({ name: 'urn:dev:1', keyUsage: [0], extendedKeyUsage: [CLIENT_USAGE] }, intermediate);

/** What shows a certificate, with the chain that goes with it. */
export function credentialOf(own: Issued, ...others: readonly Issued[]): SigningCredential {
  const privateKey = new Uint8Array(own.privateKey.export({ format: 'der', type: 'pkcs8' }));
  return signingCredential({ privateKey, certificates: [own, ...others].map(({ bytes }) => bytes) });
}
