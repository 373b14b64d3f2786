import type { ObjectMembers, ObjectSpec, Operations, Resource, ValueOf } from '@motestack/model';
import type { Awaitable } from '../awaitable.ts';
import type { PathText } from '../registered-device.ts';
import type { BootstrapDevice } from './bootstrap-device.ts';
import type { BootstrapContentFormat } from './bootstrap-request.ts';

/** How a client proves itself to a server, and knows it: what an instance of object 0 is filled with. */
export type AccountCredentials =
  /** Mode 0. */
  | {
      readonly kind: 'psk';
      /** 1 to 128 bytes; text is UTF-8. */
      readonly identity: string | Uint8Array;
      /** 1 to 64 bytes; 16 or more are advised. */
      readonly key: Uint8Array;
    }
  /** Mode 1 (RFC 7250). */
  | {
      readonly kind: 'rawPublicKey';
      /** The client's public key: SubjectPublicKeyInfo in DER. */
      readonly publicKey: Uint8Array;
      /** The client's private key: PKCS #8 in DER (RFC 5958). */
      readonly privateKey: Uint8Array;
      /** The server's public key: SubjectPublicKeyInfo in DER. */
      readonly serverPublicKey: Uint8Array;
    }
  /** Mode 2. */
  | {
      readonly kind: 'x509';
      /** The client's certificate in DER. */
      readonly certificate: Uint8Array;
      /** The client's private key: PKCS #8 in DER. */
      readonly privateKey: Uint8Array;
      /** The certificate that the server, or its issuer, is known by, in DER. */
      readonly serverCertificate: Uint8Array;
      /** What `serverCertificate` says: `/0/x/15`. Default: not written, which means 3. */
      readonly certificateUsage?: 0 | 1 | 2 | 3 | undefined;
    };

/** One LwM2M server that a client shall register with: an instance of object 0 and one of object 1. */
export interface ServerAccount {
  /** Where the server is, `coaps://lwm2m.example.com:5684`; up to 255 bytes. */
  readonly uri: string;
  /** 1 to 65534, one of its own for each server (`/0/x/10`, `/1/x/0`). */
  readonly shortServerId: number;
  /** `/1/x/1`. Default 86,400. */
  readonly lifetimeSeconds?: number | undefined;
  /** Default: security mode 3, NoSec. */
  readonly credentials?: AccountCredentials | undefined;
  /** `/1/x/7`. Default `U`. */
  readonly binding?: string | undefined;
  /** `/1/x/6`: whether notifications are kept while the server cannot be reached. Default true. */
  readonly storeNotifications?: boolean | undefined;
  /** `/0/x/14`: the name that is asked for in the handshake. Default: not written. */
  readonly serverName?: string | undefined;
  /** Other resources of the instance of object 0, by id. */
  readonly security?: Readonly<Record<number, unknown>> | undefined;
  /** Other resources of the instance of object 1, by id: `{ 2: 10 }` is a default minimum period of ten seconds. */
  readonly server?: Readonly<Record<number, unknown>> | undefined;
}

/** The account of the bootstrap server itself, to be replaced: other keys, or another address. */
export interface BootstrapAccount {
  /** Where the bootstrap server is. */
  readonly uri: string;
  /** Default: security mode 3, NoSec. */
  readonly credentials?: AccountCredentials | undefined;
  /** `/0/x/11`: seconds that the client waits before it asks. Default: not written. */
  readonly holdOffSeconds?: number | undefined;
  /** `/0/x/12`: seconds after which the client drops this account; 0 is never. Default: not written. */
  readonly timeoutSeconds?: number | undefined;
}

/** What is written beyond the accounts; {@link instanceWrite} and {@link resourceWrite} let the compiler compare value and path. */
export interface BootstrapWrite {
  /** An object instance or a resource. */
  readonly path: string;
  /** A record by resource name or id for an instance, a value for a resource. */
  readonly value: unknown;
  /** The facts of the object, where they are known. */
  readonly definition?: ObjectSpec | undefined;
}

/** What a client shall have when its bootstrap is over. */
export interface BootstrapConfiguration {
  /**
   * What is deleted first: `/` is all, `/1` an object, `/1/0` an instance. Default `['/0', '/1']`. The bootstrap server's own
   * account and `/3/0` stay, whatever is said here.
   */
  readonly delete?: readonly PathText[] | undefined;
  /** The servers to register with, with short server ids of their own. */
  readonly servers: readonly ServerAccount[];
  /** Replaces the account of the bootstrap server. Default: it stays as it is. */
  readonly bootstrapServer?: BootstrapAccount | undefined;
  /** What is written beyond: access control, the time, objects of the vendor's. */
  readonly write?: readonly BootstrapWrite[] | undefined;
  /** The format of the writes. Default: what the client prefers (`pct`), else TLV. */
  readonly contentFormat?: BootstrapContentFormat | undefined;
  /**
   * The instance of object 0 that holds the bootstrap server's account, where the client does not answer a Discover. Default 0.
   */
  readonly bootstrapAccountInstance?: number | undefined;
}

/** A client that asks to be bootstrapped. */
export interface BootstrapRequest {
  /** The Endpoint Client Name; if the request names none, the name that the credentials belong to. */
  readonly endpoint: string;
  /** `pct`: the format that the client prefers; `undefined` where it said none. */
  readonly preferredContentFormat: number | undefined;
}

/**
 * What a bootstrap server does with a client: writes a configuration, or goes its own way with {@link BootstrapDevice}.
 * After either comes Bootstrap-Finish. `undefined`: the client is refused.
 */
export type BootstrapAnswer = BootstrapConfiguration | ((device: BootstrapDevice) => Promise<void>) | undefined;

/** Says what a client gets. Asked at each Bootstrap-Request. */
export type BootstrapConfigurator = (request: BootstrapRequest) => Awaitable<BootstrapAnswer>;

/**
 * Writes a whole object instance; resources that no server may write otherwise are among them.
 *
 * @param object the object
 * @param objectInstanceId the instance
 * @param values what it shall hold, by resource name
 * @example
 * instanceWrite(AccessControl, 0, { objectId: 3, objectInstanceId: 0, accessControlOwner: 101 })
 */
export function instanceWrite<Resources, Mandatory extends keyof Resources>(
  object: ObjectMembers<Resources, Mandatory>,
  objectInstanceId: number,
  values: { readonly [Name in keyof Resources]?: ValueOf<Resources[Name]> },
): BootstrapWrite {
  return { path: String(object.at(objectInstanceId)), value: values, definition: object.definition };
}

/**
 * Writes one resource.
 *
 * @param resource the resource
 * @param value what it shall hold
 * @example
 * resourceWrite(Device.currentTime, new Date())
 */
export function resourceWrite<Value, Allowed extends Operations>(
  resource: Resource<Value, Allowed>,
  value: Value,
): BootstrapWrite {
  return { path: String(resource), value, definition: resource.definition };
}
