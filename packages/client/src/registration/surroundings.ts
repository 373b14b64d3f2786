import type { ClientCore } from '../client-core.ts';
import type { ServerInstance } from '../objects/server-instance.ts';
import { bindingOf, type ResolvedAccount, urisOf } from '../server-account.ts';
import type { RegistrationSurroundings } from './registration-engine.ts';

/** What the registration at a server is judged by, as the account, the client and the network are now. */
export function registrationSurroundings(
  core: ClientCore,
  account: ResolvedAccount,
  server: ServerInstance,
): RegistrationSurroundings {
  const { smsNumber, profileId } = core.options;
  // In 1.0 a server turns queue mode on by a letter of the binding (Core 1.0 §5.3.1.1).
  const queueMode = core.awakeMs !== undefined || (core.lwm2mVersion === '1.0' && server.bindingMode.includes('Q'));
  return {
    facts: {
      lifetimeSeconds: server.lifetimeSeconds,
      bindingMode: server.bindingMode.replace('Q', ''),
      queueMode,
      smsNumber,
      profileId: core.lwm2mVersion === '1.2' ? profileId : undefined,
      objectLinks: core.objectLinks(),
    },
    retry: server.retryPolicy,
    awakeMs: queueMode ? (core.awakeMs ?? AWAKE_MS) : undefined,
    mayBootstrap: core.platform.bootstrapPart !== undefined && server.bootstrapsOnFailure,
    // Over DTLS a new way to the server is known by the keys; over connections observations end with theirs (RFC 8323 §7.1).
    isKnownAnywhere:
      account.security !== undefined && urisOf(account, undefined).every((uri) => bindingOf(uri) === 'U'),
    isOnline: core.isOnline(),
  };
}

/** MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2): so long a client stays awake after a message (LwM2M Transport 1.1.1 §6.5). */
export const AWAKE_MS = 93_000;
