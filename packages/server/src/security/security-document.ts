import { decodeUtf8, encodeUtf8, fromHex, toHex } from '@motestack/bytes';
import { identityBytes } from './in-memory-security-store.ts';
import type { DeviceCredentials, DeviceSecurity } from './security-store.ts';

/** The form of the documents. */
const VERSION = 1;

/**
 * Writes credentials as JSON: keys as hexadecimal digits, identities as text where they are UTF-8.
 *
 * @example
 * formatSecurityDocument([{ endpoint: 'a', credentials: { kind: 'psk', identity: 'b', key: fromHex('00') } }])
 * // { "version": 1, "devices": [{ "endpoint": "a", "psk": { "identity": "b", "keyHex": "00" } }] }
 */
export function formatSecurityDocument(devices: Iterable<DeviceSecurity>): string {
  const entries = [...devices].map(({ endpoint, credentials }) => ({ endpoint, ...entryOf(credentials) }));
  return `${JSON.stringify({ version: VERSION, devices: entries }, undefined, 2)}\n`;
}

/**
 * Reads what `formatSecurityDocument` wrote, or somebody by hand.
 *
 * @throws {TypeError} a text that is not of that form; what it holds is not told
 */
export function parseSecurityDocument(text: string): DeviceSecurity[] {
  const document = recordOf(parseJson(text), 'the document');
  const { version, devices } = document as { readonly version?: unknown; readonly devices?: unknown };
  if (version !== VERSION) throw new TypeError(`the version of the document is not ${VERSION}`);
  if (!Array.isArray(devices)) throw new TypeError('devices is not a list');
  return devices.map((device: unknown, index) => deviceOf(recordOf(device, `device ${index}`), `device ${index}`));
}

function entryOf(credentials: DeviceCredentials): object {
  switch (credentials.kind) {
    case 'psk':
      return { psk: { ...identityEntry(identityBytes(credentials.identity)), keyHex: toHex(credentials.key) } };
    case 'rawPublicKey':
      return { rawPublicKey: { publicKeyHex: toHex(credentials.publicKey) } };
    case 'x509':
      return { x509: credentials.commonName === undefined ? {} : { commonName: credentials.commonName } };
    default:
      return credentials satisfies never;
  }
}

function identityEntry(identity: Uint8Array): object {
  try {
    const text = decodeUtf8(identity);
    return { identity: text };
  } catch {
    return { identityHex: toHex(identity) };
  }
}

type Fields = Readonly<Record<string, unknown>>;

function deviceOf(device: Fields, where: string): DeviceSecurity {
  const { endpoint, psk, rawPublicKey, x509 } = device as { readonly [Name in string]?: unknown };
  if (typeof endpoint !== 'string' || endpoint === '') throw new TypeError(`${where} has no endpoint`);
  if ([psk, rawPublicKey, x509].filter((each) => each !== undefined).length !== 1)
    throw new TypeError(`${where} has not one of psk, rawPublicKey and x509`);
  if (psk !== undefined) return { endpoint, credentials: pskOf(recordOf(psk, where), where) };
  if (rawPublicKey !== undefined) {
    const { publicKeyHex } = recordOf(rawPublicKey, where) as { readonly publicKeyHex?: unknown };
    return { endpoint, credentials: { kind: 'rawPublicKey', publicKey: bytesOf(publicKeyHex, where) } };
  }
  const { commonName } = recordOf(x509, where) as { readonly commonName?: unknown };
  if (commonName !== undefined && typeof commonName !== 'string')
    throw new TypeError(`${where}: commonName is no text`);
  return { endpoint, credentials: { kind: 'x509', commonName } };
}

function pskOf({ identity, identityHex, keyHex }: Fields, where: string): DeviceCredentials {
  const key = bytesOf(keyHex, where);
  if (typeof identity === 'string') return { kind: 'psk', identity: encodeUtf8(identity), key };
  return { kind: 'psk', identity: bytesOf(identityHex, where), key };
}

function bytesOf(hex: unknown, where: string): Uint8Array {
  if (typeof hex !== 'string' || !/^(?:[\da-f]{2})+$/i.test(hex))
    throw new TypeError(`${where} has something else than hexadecimal digits where bytes are wanted`);
  return fromHex(hex);
}

function recordOf(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`${where} is no record`);
  return value as Fields;
}

/** `undefined` for what is no JSON: the parser's words would quote the text, in which keys are. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
