import type { ClientCore } from '../client-core.ts';
import type { Connection } from '../connection/connection.ts';
import type { RegistrationCarrier } from './registration-engine.ts';
import { deregisterRequest, registerRequest, updateRequest } from './registration-request.ts';

/** Carries the requests of the registration interface over a server's connection. */
export function registrationCarrier(core: ClientCore, connection: Connection): RegistrationCarrier {
  const { endpoint, lwm2mVersion, requestTimeoutMs: timeoutMs } = core;
  return {
    register: ({ facts, listed, reconnect }, signal) => {
      const request = registerRequest({ endpoint, lwm2mVersion }, facts, listed);
      return reconnect
        ? connection.reopen(request, { timeoutMs, signal })
        : connection.request(request, { timeoutMs, signal });
    },
    update: ({ location, changes, reconnect }, signal) => {
      const request = updateRequest(location, changes, lwm2mVersion);
      return reconnect
        ? connection.switchOver(request, { timeoutMs, signal })
        : connection.request(request, { timeoutMs, signal });
    },
    deregister: (location, signal) => connection.request(deregisterRequest(location), { timeoutMs, signal }),
    disconnect: () => connection.disconnect(),
  };
}
