import { encodeUtf8 } from '@motestack/bytes';
import type { AccountCredentials, BootstrapAccount, ServerAccount } from './bootstrap-configuration.ts';

/** Values of an object instance, by resource id. */
export type ValuesById = Readonly<Record<number, unknown>>;

/** `/0/x/2`: the security modes that a configuration can say. */
const SecurityMode = { PreSharedKey: 0, RawPublicKey: 1, Certificate: 2, NoSec: 3 } as const;

/** The default of `/1/x/1`: a day. */
const LIFETIME_SECONDS = 86_400;

/**
 * What an instance of object 0 holds for a server to register with.
 *
 * @see LwM2M Core 1.1.1 Appendix E.1; LwM2M Transport 1.1 §5.2 (the forms of the resources 3, 4 and 5 in each mode)
 */
export function securityValues({ uri, shortServerId, credentials, serverName, security }: ServerAccount): ValuesById {
  return {
    0: uri,
    1: false,
    ...credentialValues(credentials),
    10: shortServerId,
    ...(serverName === undefined ? {} : { 14: serverName }),
    ...security,
  };
}

/** What an instance of object 1 holds for a server to register with (LwM2M Core 1.1.1 Appendix E.2). */
export function serverValues(account: ServerAccount): ValuesById {
  const { shortServerId, lifetimeSeconds = LIFETIME_SECONDS, binding = 'U', storeNotifications = true } = account;
  return { 0: shortServerId, 1: lifetimeSeconds, 6: storeNotifications, 7: binding, ...account.server };
}

/** What the instance of object 0 holds that is the bootstrap server's own. */
export function bootstrapAccountValues(account: BootstrapAccount): ValuesById {
  const { uri, credentials, holdOffSeconds, timeoutSeconds } = account;
  return {
    0: uri,
    1: true,
    ...credentialValues(credentials),
    ...(holdOffSeconds === undefined ? {} : { 11: holdOffSeconds }),
    ...(timeoutSeconds === undefined ? {} : { 12: timeoutSeconds }),
  };
}

/** Resources that a mode does not use are there and empty, since they are mandatory (LwM2M Core 1.1.1 Appendix E.1). */
function credentialValues(credentials: AccountCredentials | undefined): ValuesById {
  const empty = new Uint8Array(0);
  switch (credentials?.kind) {
    case undefined:
      return { 2: SecurityMode.NoSec, 3: empty, 4: empty, 5: empty };
    case 'psk': {
      const { identity, key } = credentials;
      const bytes = typeof identity === 'string' ? encodeUtf8(identity) : identity;
      return { 2: SecurityMode.PreSharedKey, 3: bytes, 4: empty, 5: key };
    }
    case 'rawPublicKey': {
      const { publicKey, privateKey, serverPublicKey } = credentials;
      return { 2: SecurityMode.RawPublicKey, 3: publicKey, 4: serverPublicKey, 5: privateKey };
    }
    case 'x509': {
      const { certificate, privateKey, serverCertificate, certificateUsage } = credentials;
      const usage = certificateUsage === undefined ? {} : { 15: certificateUsage };
      return { 2: SecurityMode.Certificate, 3: certificate, 4: serverCertificate, 5: privateKey, ...usage };
    }
    default:
      return credentials satisfies never;
  }
}
