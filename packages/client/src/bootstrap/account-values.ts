import { encodeUtf8 } from '@motestack/bytes';
import type { ClientCredentials } from '@motestack/coap';
import type { ResourceContent } from '../device-management/tree-resource.ts';
import { type SecurityAccount, securityAccount } from '../objects/security-account.ts';
import type { ServerAccount } from '../server-account.ts';

/** What an object instance holds, by resource id. */
export type InstanceContents = ReadonlyMap<number, ResourceContent>;

/**
 * What an instance of object 0 holds for an account: what a bootstrap server that writes single resources writes into.
 *
 * @see LwM2M Core 1.1.1 Appendix E.1
 */
export function securityContents(
  uri: string,
  isBootstrap: boolean,
  security: ClientCredentials | undefined,
  shortServerId?: number,
): Map<number, ResourceContent> {
  const contents = new Map<number, ResourceContent>([
    [0, uri],
    [1, isBootstrap],
  ]);
  for (const [id, content] of credentialContents(security)) contents.set(id, content);
  if (shortServerId !== undefined) contents.set(10, shortServerId);
  return contents;
}

function credentialContents(security: ClientCredentials | undefined): readonly (readonly [number, ResourceContent])[] {
  const empty = new Uint8Array(0);
  switch (security?.kind) {
    case undefined:
      return [[2, 3]];
    case 'psk':
      return [
        [2, 0],
        [3, bytesOf(security.identity)],
        [4, empty],
        [5, security.key],
      ];
    case 'rawPublicKey':
      return [
        [2, 1],
        [3, empty],
        [4, bytesOf(security.serverPublicKey)],
        [5, bytesOf(security.privateKey)],
      ];
    case 'x509': {
      const { certificates, serverCertificate = empty, privateKey, certificateUsage } = security;
      const own = typeof certificates === 'string' ? certificates : (certificates[0] ?? empty);
      return [
        [2, 2],
        [3, bytesOf(own)],
        [4, bytesOf(serverCertificate)],
        [5, bytesOf(privateKey)],
        ...(certificateUsage === undefined ? [] : [[15, certificateUsage] as const]),
      ];
    }
    default:
      return security satisfies never;
  }
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? encodeUtf8(value) : value;
}

/** Reads what a bootstrap server wrote into an instance of object 0. @throws {TypeError} as `securityAccount` */
export function securityAccountOf(contents: InstanceContents): SecurityAccount {
  const values = [...contents].map(([id, content]) => [
    id,
    content instanceof Map ? Object.fromEntries(content) : content,
  ]);
  return securityAccount(Object.fromEntries(values));
}

/** Which resource of object 1 says what of an account. */
const SERVER_RESOURCES = {
  lifetimeSeconds: 1,
  minimumPeriodSeconds: 2,
  maximumPeriodSeconds: 3,
  disableTimeoutSeconds: 5,
  storesNotifications: 6,
  binding: 7,
  priority: 13,
  initialDelaySeconds: 14,
  blocksOnFailure: 15,
  bootstrapsOnFailure: 16,
  preferredTransport: 22,
  muteSend: 23,
} as const;

const RETRY_RESOURCES = { count: 17, timerSeconds: 18, sequenceDelaySeconds: 19, sequenceCount: 20 } as const;
const NOTIFICATION_MODE = 26;

/** An account of an instance of object 0 and one of object 1 that belong together. */
export function serverAccountOf(security: SecurityAccount, server: InstanceContents): ServerAccount {
  const { uri, shortServerId, security: credentials } = security;
  const mode = server.get(NOTIFICATION_MODE);
  return {
    uri,
    ...(shortServerId === undefined ? {} : { shortServerId }),
    ...(credentials === undefined ? {} : { security: credentials }),
    ...named(SERVER_RESOURCES, server),
    // A resource that is absent mutes as well (Core 1.1.1 §6.4.6).
    ...(server.has(SERVER_RESOURCES.muteSend) ? {} : { muteSend: true }),
    ...(mode === undefined ? {} : { confirmableNotifications: mode === 1 }),
    retry: named(RETRY_RESOURCES, server),
  };
}

function named(ids: Readonly<Record<string, number>>, contents: InstanceContents): Readonly<Record<string, never>> {
  const present = Object.entries(ids).filter(([, id]) => contents.get(id) !== undefined);
  return Object.fromEntries(present.map(([name, id]) => [name, contents.get(id)])) as Record<string, never>;
}
