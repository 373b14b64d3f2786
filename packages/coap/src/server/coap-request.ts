import { decodeUtf8 } from '@motestack/bytes';
import { WholeBody } from '../bodies/body-source.ts';
import { type CoapMethod, methodName } from '../client/coap-request-init.ts';
import type { PeerId } from '../effects.ts';
import type { EndpointEvent } from '../endpoint/endpoint-event.ts';
import { type AbortSignalLike, AbortSource } from '../platform/abort-source.ts';
import type { PeerIdentity } from '../platform/peer-identity.ts';
import { decodeUint, type Message, MessageType, type Option, OptionNumber } from '../wire/index.ts';
import type { CoapAnswer } from './coap-answer.ts';
import type { ObserverRelation } from './observer-relation.ts';

/** A request that came. */
export interface CoapRequest {
  /** Who asks. */
  readonly peer: PeerId;
  /** Who that is, as the peer proved when its association was made; `undefined` where nobody knows, as over UDP alone. */
  readonly identity?: PeerIdentity | undefined;
  /**
   * What Uri-Host is where the request has none, in lower case: the name by which the peer asked for this server when it
   * connected, by SNI or in the Host header of a WebSocket (RFC 8323 §8.5). `undefined`: the address it was sent to.
   */
  readonly defaultHost?: string | undefined;
  /** The method's code. */
  readonly code: number;
  /** The method's name. */
  readonly method: CoapMethod;
  /** Whether the peer sends the request until it is acknowledged. */
  readonly confirmable: boolean;
  /** 0 to 8 bytes that the peer chose. */
  readonly token: Uint8Array;
  /** The segments of the path; none for `/`. Empty ones are kept. */
  readonly path: readonly string[];
  /** The arguments of the query. */
  readonly query: readonly string[];
  /** The format of the payload, by number. */
  readonly contentFormat: number | undefined;
  /** The format that is wanted for the answer, by number. */
  readonly accept: number | undefined;
  /** 0: the peer wants to observe; 1: it does not any more. */
  readonly observe: number | undefined;
  /** All options, ascending by number. */
  readonly options: readonly Option[];
  /** Empty where there is none, and where the body is streamed. The handler may keep it. */
  readonly payload: Uint8Array;
  /**
   * The payload, to be read once: as it comes where `streamRequestBody` says so. While the handler does not go on, the
   * peer waits. It throws a `TimeoutError`, `BodyChangedError`, `QueueFullError` or `PeerUnreachableError` where the rest
   * does not come; whoever leaves the loop lets the rest come and be dropped.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * Given when the answer is not wanted any more: 5.03 was sent for want of one, or the endpoint was closed. Given, too,
   * when an answer with `whenSent` will never be sent.
   */
  readonly signal: AbortSignalLike;
  /**
   * Makes this request an observation. If the answer is 2.xx it carries Observe, and the relation can notify.
   *
   * @returns the relation, the same for every call
   * @throws {TypeError} the request has no Observe 0, or is answered already
   * @throws {QueueFullError} `observersPerPeerMax` or `observersMax` is reached; not caught, it makes the answer 5.03
   * @see RFC 7641 §4.1
   */
  acceptObserver(): ObserverRelation;
}

/** What is known of a request when the first block of its body came. */
export type RequestHead = Pick<
  CoapRequest,
  'peer' | 'code' | 'method' | 'token' | 'path' | 'query' | 'contentFormat' | 'accept' | 'options'
>;

/** Answers requests, at once or later. What it throws becomes 5.00, without a text. */
export type RequestHandler = (request: CoapRequest) => CoapAnswer | Promise<CoapAnswer>;

/** The `CoapRequest` that handlers get. */
export class IncomingRequest implements CoapRequest {
  readonly peer: PeerId;
  readonly identity: PeerIdentity | undefined;
  readonly defaultHost: string | undefined;
  readonly code: number;
  readonly method: CoapMethod;
  readonly path: readonly string[];
  readonly query: readonly string[];
  readonly contentFormat: number | undefined;
  readonly accept: number | undefined;
  readonly observe: number | undefined;
  readonly #message: Message;
  readonly #exchangeId: number;
  readonly #acceptObserver: (exchangeId: number) => ObserverRelation;
  #source: AbortSource | undefined;
  readonly #body: AsyncIterable<Uint8Array> | undefined;

  /**
   * @param event the request; its `options` are those that count
   * @param acceptObserver what `acceptObserver` does
   * @param body that of a request which is streamed
   * @param identity who asks
   * @param defaultHost by which name
   * @throws {DecodeError} `bad-utf8` in path or query
   */
  constructor(
    event: Extract<EndpointEvent, { readonly kind: 'request' }>,
    acceptObserver: (exchangeId: number) => ObserverRelation,
    body?: AsyncIterable<Uint8Array>,
    identity?: PeerIdentity,
    defaultHost?: string,
  ) {
    const { message } = event;
    this.#body = body;
    this.#message = message;
    this.#exchangeId = event.exchangeId;
    this.#acceptObserver = acceptObserver;
    this.peer = event.peer;
    this.identity = identity;
    this.defaultHost = defaultHost;
    this.code = message.code;
    this.method = methodName(message.code) ?? 'GET';
    const path: string[] = [];
    const query: string[] = [];
    let contentFormat: number | undefined;
    let accept: number | undefined;
    let observe: number | undefined;
    for (const { number, value } of event.options) {
      if (number === OptionNumber.UriPath) path.push(decodeUtf8(value, 'RFC 7252 §5.10.1'));
      else if (number === OptionNumber.UriQuery) query.push(decodeUtf8(value, 'RFC 7252 §5.10.1'));
      else if (number === OptionNumber.ContentFormat) contentFormat = decodeUint(value);
      else if (number === OptionNumber.Accept) accept = decodeUint(value);
      else if (number === OptionNumber.Observe) observe = decodeUint(value);
    }
    this.path = path;
    this.query = query;
    this.contentFormat = contentFormat;
    this.accept = accept;
    this.observe = observe;
  }

  get confirmable(): boolean {
    return this.#message.type === MessageType.Confirmable;
  }

  get token(): Uint8Array {
    return this.#message.token;
  }

  get options(): readonly Option[] {
    return this.#message.options;
  }

  get payload(): Uint8Array {
    return this.#message.payload;
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#body ?? new WholeBody(this.payload);
  }

  get signal(): AbortSignalLike {
    this.#source ??= new AbortSource();
    return this.#source.signal;
  }

  acceptObserver(): ObserverRelation {
    return this.#acceptObserver(this.#exchangeId);
  }

  /** Gives the signal. */
  abandon(reason: unknown): void {
    this.#source ??= new AbortSource();
    this.#source.abort(reason);
  }
}
