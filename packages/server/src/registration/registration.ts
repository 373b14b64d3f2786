import type { PeerId } from '@motestack/coap';
import type { ObjectInventory } from '@motestack/codecs';

/** The versions of the enabler that the server speaks. */
export type LwM2mVersion = '1.0' | '1.1' | '1.2';

/** What an application attaches to a registration: texts by name, so that a store may keep them anywhere. */
export type ApplicationData = Readonly<Record<string, string>>;

/**
 * What the server knows of one registered device: plain data, never changed in place, so that a store may keep it anywhere.
 *
 * @see LwM2M Core §6.2.1 (the parameters)
 */
export interface Registration {
  /** The last segment of the location, unguessable: who knows it may update or end the registration. */
  readonly id: string;
  /** 0 at Register, one more with every Update; together with `id` it names one state of the registration. */
  readonly revision: number;
  /** The Endpoint Client Name, `ep`. */
  readonly endpoint: string;
  /** The version of the enabler that the device speaks, `lwm2m`. */
  readonly lwm2mVersion: LwM2mVersion;
  /** Seconds, `lt`; 0 is without end. */
  readonly lifetimeSeconds: number;
  /** The binding as the device spelled it, `b`: `U`, `UQ`, `UT`; `U` where it said none. */
  readonly binding: string;
  /** Does the device sleep between its messages: `Q`, or a `Q` in the binding of a 1.0 device. */
  readonly queueMode: boolean;
  /** MSISDN without `+`, `sms`. */
  readonly smsNumber?: string | undefined;
  /** The Profile IDs that the device named, `pid` (1.2). */
  readonly profileIds?: readonly string[] | undefined;
  /** Parameters that no version of the enabler defines, as they came; a parameter without `=` has the value `null`. */
  readonly additionalParameters: Readonly<Record<string, string | null>>;
  /** Root path, content formats, objects with their versions and instances. */
  readonly inventory: ObjectInventory;
  /** Where the device is. */
  readonly peer: PeerId;
  /** Who registered, as `formatPeerIdentity` writes what the handshake proved; without it nothing was proved. */
  readonly identity?: string | undefined;
  /** What the authorizer attached. */
  readonly applicationData?: ApplicationData | undefined;
  /** The server's own address that the device talks to, e.g. `coap://127.0.0.1:5683`. */
  readonly localUrl: string;
  /** Time of Register, milliseconds since 1970. */
  readonly registeredAtEpochMs: number;
  /** Time of Register or of the last Update, milliseconds since 1970. */
  readonly updatedAtEpochMs: number;
}

/**
 * When a registration ends if no Update comes.
 *
 * @returns milliseconds since 1970; `undefined` for a registration without end (lifetime 0)
 * @see LwM2M Core §6.2.1: a lifetime of 0 is infinite
 */
export function expiresAtEpochMs(registration: Registration): number | undefined {
  if (registration.lifetimeSeconds === 0) return undefined;
  return registration.updatedAtEpochMs + registration.lifetimeSeconds * 1000;
}
