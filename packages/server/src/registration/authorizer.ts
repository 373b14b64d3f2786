import type { PeerIdentity } from '@motestack/coap';
import type { Awaitable } from '../awaitable.ts';
import type { ApplicationData, Registration } from './registration.ts';
import type { RegisterParameters, RegistrationParameters } from './registration-parameters.ts';

/** Who asks, and for which endpoint name. */
export interface AuthorizationSubject {
  /** The Endpoint Client Name. */
  readonly endpoint: string;
  /** Where the request came from. */
  readonly peer: string;
  /** Who that is, as the handshake proved; `undefined`: nothing was proved. */
  readonly identity: PeerIdentity | undefined;
  /** The server's address that received the request. */
  readonly localUrl: string;
}

/** What an {@link Authorizer} is asked about. */
export type AuthorizationRequest =
  | (AuthorizationSubject & {
      readonly operation: 'Register';
      /** What the device says. */
      readonly parameters: RegisterParameters;
      /** What is registered under the name so far. */
      readonly registration: Registration | undefined;
    })
  | (AuthorizationSubject & {
      readonly operation: 'Update';
      /** What the device says. */
      readonly parameters: RegistrationParameters;
      /** What is to be updated. */
      readonly registration: Registration;
    })
  | (AuthorizationSubject & {
      readonly operation: 'De-register' | 'Send';
      /** The device's registration. */
      readonly registration: Registration;
    });

/** A yes that attaches something to the registration. */
export interface Approval {
  /** Replaces what was attached; told by `device.registration.applicationData`. */
  readonly applicationData: ApplicationData;
}

/**
 * Says whether a device may do what it asks for. `false`: a Register is told 4.03, anything else 4.00 (LwM2M Transport
 * Table 6.7-2). `true` leaves what is attached to the registration as it is; an {@link Approval} of a Register or an Update
 * attaches data to it.
 *
 * @see LwM2M Transport §5.2 (authorization)
 */
export type Authorizer = (request: AuthorizationRequest) => Awaitable<boolean | Approval>;
