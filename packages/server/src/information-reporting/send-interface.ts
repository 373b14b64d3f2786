import { DecodeError, encodeUtf8 } from '@motestack/bytes';
import {
  type CoapAnswer,
  type CoapRequest,
  formatPeerIdentity,
  type PeerIdentity,
  ResponseCode,
} from '@motestack/coap';
import { ContentError, ContentFormat, decodePayload } from '@motestack/codecs';
import type { LwM2mNode, ObjectLookup } from '@motestack/model';
import type { Awaitable } from '../awaitable.ts';
import type { Authorizer } from '../registration/authorizer.ts';
import type { Registration } from '../registration/registration.ts';
import type { RegistrationStore } from '../registration/registration-store.ts';
import { endpointOfIdentity } from '../security/endpoint-of-identity.ts';
import type { SecurityStore } from '../security/security-store.ts';
import { SendReport } from './send-report.ts';

/** What the taking of Sends stands on. */
export interface SendInterfaceOptions {
  /** Where registrations are. */
  readonly store: RegistrationStore;
  /** Knows whose credentials are whose. */
  readonly security: SecurityStore | undefined;
  /** Asked at each Send. */
  readonly authorize: Authorizer | undefined;
  /** The definitions for a registration. */
  readonly lookupFor: (registration: Registration) => ObjectLookup;
  /** Wall time. */
  readonly epochMs: () => number;
  /** Told of a report once its answer has left. */
  readonly onReport: (registration: Registration, report: SendReport) => void;
  /** Told of what an authorizer or a store threw. */
  readonly onError: (error: unknown, operation: 'Send') => void;
}

/**
 * Takes what devices send on their own.
 *
 * @see LwM2M Core §6.4.6 (Send); LwM2M Transport §6.4.5, §6.7
 */
export class SendInterface {
  readonly #options: SendInterfaceOptions;

  /** @param options what it stands on */
  constructor(options: SendInterfaceOptions) {
    this.#options = options;
  }

  /**
   * Answers a request at `/dp`: 2.04; 4.04 for a device or an object that is not registered; 4.00 for values that cannot be read, or
   * where the authorizer said no; 4.15 for another format than SenML and LwM2M CBOR.
   */
  async handleRequest(request: CoapRequest, localUrl: string): Promise<CoapAnswer> {
    if (request.method !== 'POST') return { code: ResponseCode.MethodNotAllowed };
    try {
      return await this.#answer(request, localUrl);
    } catch (error) {
      this.#options.onError(error, 'Send');
      return { code: ResponseCode.InternalServerError };
    }
  }

  async #answer(request: CoapRequest, localUrl: string): Promise<CoapAnswer> {
    const { authorize, lookupFor, epochMs, onReport } = this.#options;
    const { peer, identity, contentFormat, payload } = request;
    const registration = await this.#registrationOf(request, localUrl);
    if (registration === undefined) return { code: ResponseCode.NotFound };
    const { endpoint, inventory } = registration;
    if (authorize !== undefined) {
      const subject = { operation: 'Send', endpoint, peer, identity, localUrl, registration } as const;
      if ((await authorize(subject)) === false) return refused('this is not allowed');
    }
    if (contentFormat === undefined || !SEND_FORMATS.includes(contentFormat)) {
      return { code: ResponseCode.UnsupportedContentFormat };
    }
    const lookup = lookupFor(registration);
    const nowEpochMs = epochMs();
    let nodes: LwM2mNode[];
    try {
      const { rootPath } = inventory;
      nodes = decodePayload(contentFormat, payload, { path: {}, lookup, nowSeconds: nowEpochMs / 1000, rootPath });
    } catch (error) {
      if (!DecodeError.is(error) && !ContentError.is(error)) throw error;
      return refused(`the values cannot be read: ${error.message}`);
    }
    // LwM2M Transport §6.7: 4.04 where a reported object is not registered.
    const listed = new Set(inventory.objects.map(({ objectId }) => objectId));
    if (nodes.some(({ path }) => !listed.has(path.objectId ?? -1))) return { code: ResponseCode.NotFound };
    const report = new SendReport({ nodes, lookup, receivedAt: new Date(nowEpochMs) });
    return { code: ResponseCode.Changed, whenSent: () => onReport(registration, report) };
  }

  /** Whose request this is: by where it came from, or by who it is. */
  async #registrationOf({ peer, identity }: CoapRequest, localUrl: string): Promise<Registration | undefined> {
    const { store } = this.#options;
    const found = (await store.findByPeer(localUrl, peer)) ?? (await this.#registrationOfIdentity(identity));
    const proved = identity === undefined ? undefined : formatPeerIdentity(identity);
    return found?.identity === proved ? found : undefined;
  }

  #registrationOfIdentity(identity: PeerIdentity | undefined): Awaitable<Registration | undefined> {
    const { store, security } = this.#options;
    if (identity === undefined) return undefined;
    const find = async (): Promise<Registration | undefined> => {
      const endpoint = await endpointOfIdentity(identity, security);
      return endpoint === undefined ? undefined : await store.findByEndpoint(endpoint);
    };
    return find();
  }
}

/** LwM2M Transport §6.4.5: SenML JSON, SenML CBOR, and since 1.2 LwM2M CBOR. */
const SEND_FORMATS: readonly number[] = [ContentFormat.SenmlJson, ContentFormat.SenmlCbor, ContentFormat.LwM2mCbor];

function refused(reason: string): CoapAnswer {
  return { code: ResponseCode.BadRequest, payload: encodeUtf8(reason) };
}
