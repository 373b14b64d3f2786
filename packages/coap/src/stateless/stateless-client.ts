import { DecodeError } from '@motestack/bytes';
import { type CoapRequestInit, encodeRequestInit } from '../client/coap-request-init.ts';
import { type CoapResponse, readResponse } from '../client/coap-response.ts';
import type { Effects, Instant, PeerId, RandomSource } from '../effects.ts';
import { type EndpointParameters, resolveEndpointParameters } from '../endpoint/endpoint-parameters.ts';
import { EndpointClosedError, QueueFullError } from '../errors.ts';
import { rejectedOption } from '../exchange/rejected-option.ts';
import { PlainMessageLayer } from '../message-layer/plain-message-layer.ts';
import { RecentMessages } from '../message-layer/recent-messages.ts';
import { Transmissions } from '../message-layer/transmissions.ts';
import type { MessageEvent } from '../messaging.ts';
import { derivedTimes } from '../parameters.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { DatagramTransport } from '../platform/transport.ts';
import { type DecodedMessage, MessageType, OptionNumber } from '../wire/index.ts';

/**
 * Makes tokens of states, and states of tokens. Everybody on the way may read, change and repeat a token, so that
 * RFC 8974 §3.1 asks of it what an AEAD gives, under a key that nobody else has:
 *
 * - integrity: what was changed is not opened. `peer` is to be authenticated with it, else a token that one server got
 *   is opened from another;
 * - freshness: where an old answer does harm, the state has a time in it, and `open` refuses what is too old;
 * - no replay: a response that comes twice is told twice, once the message layer has forgotten its message ID. Where
 *   that does harm, the state has a number in it, and `open` keeps a window of those that it has seen;
 * - secrecy, where the state is not for everybody;
 * - another key, or a version in the state, when the form of the state changes.
 *
 * A nonce must not be used twice: count, or draw 12 bytes.
 */
export interface TokenSealer {
  /**
   * Makes the token of a request.
   *
   * @returns up to `tokenBytesMax` bytes
   */
  seal(state: Uint8Array, peer: PeerId): Uint8Array;
  /**
   * Opens the token of a response. To throw, as the ciphers of many libraries do, is to refuse it.
   *
   * @param token of any length and content; valid until the call returns
   * @param peer who sent it
   * @returns the state, `undefined` for a token that was not made by `seal`, or is not to be taken any more
   */
  open(token: Uint8Array, peer: PeerId): Uint8Array | undefined;
}

/** A request without state: Non-confirmable, with a body of one datagram. */
export interface StatelessRequestInit
  extends Omit<CoapRequestInit, 'confirmable' | 'payload' | 'payloadSize' | 'startBlock'> {
  /** It goes as it is, whatever its length. Default: none. */
  readonly payload?: Uint8Array;
}

/** What a stateless client is made of. */
export interface StatelessClientOptions {
  /** Carries the datagrams; closed with the client. */
  readonly transport: DatagramTransport;
  /** Tells and waits. */
  readonly clock: Clock;
  /** Makes message IDs. */
  readonly random: RandomSource;
  /** Makes and opens tokens. */
  readonly sealer: TokenSealer;
  /** Takes each response, of whatever code, with the state of its request. */
  readonly onResponse: (response: CoapResponse, state: Uint8Array) => void;
  /** What differs from `defaultEndpointParameters`; a `tokenBytesMax` above 8 is for servers that take such tokens. */
  readonly parameters?: Partial<EndpointParameters> | undefined;
  /** Is told what callbacks throw. */
  readonly logger?: Logger | undefined;
}

/** What the message layer gives back with what becomes of a request. */
interface Asked {
  readonly peer: PeerId;
}

/**
 * A client that keeps nothing of a request once it is sent: what it needs to know of it comes back in the token of the
 * response. Whether a response will come, it does not know, and nothing is sent again.
 *
 * What is kept of each peer is bounded by the parameters: message IDs, and the bytes that it was sent since it was heard
 * (PROBING_RATE: what is beyond that waits, `queueMax` requests at the most).
 *
 * @see RFC 8974 §3
 * @example
 * const client = new StatelessClient({ transport, clock, random, sealer, onResponse });
 * client.request('192.0.2.1:5683', { method: 'GET', path: ['temperature'] }, Uint8Array.of(7));
 */
export class StatelessClient {
  readonly #transport: DatagramTransport;
  readonly #clock: Clock;
  readonly #sealer: TokenSealer;
  readonly #onResponse: StatelessClientOptions['onResponse'];
  readonly #logger: Logger | undefined;
  readonly #parameters: EndpointParameters;
  readonly #messages: PlainMessageLayer<Asked>;
  readonly #counters = { responsesIn: 0, tokensRefused: 0, requestsReset: 0 };
  #isClosed = false;
  #cancelTimer: (() => void) | undefined;

  /** @throws {RangeError} a parameter that the RFCs forbid or that means nothing */
  constructor(options: StatelessClientOptions) {
    this.#parameters = resolveEndpointParameters(options.parameters);
    this.#transport = options.transport;
    this.#clock = options.clock;
    this.#sealer = options.sealer;
    this.#onResponse = options.onResponse;
    this.#logger = options.logger;
    const { duplicateBytesMax } = this.#parameters;
    const recent = new RecentMessages({ ...derivedTimes(this.#parameters), duplicateBytesMax });
    const sending = new Transmissions<Asked>(this.#parameters, options.random);
    this.#messages = new PlainMessageLayer<Asked>(this.#parameters, sending, recent);
    options.transport.open({
      datagram: (peer, bytes) => this.#step((now) => this.#messages.handleDatagram(peer, new Uint8Array(bytes), now)),
      unreachable: (peer) => this.#step((now) => this.#messages.handleUnreachable(peer, now)),
      closed: () => this.#end(),
    });
  }

  /**
   * Sends a request, or lets it wait for PROBING_RATE; its response, if one comes, goes to `onResponse`.
   *
   * @param state what `onResponse` is to know; it goes to the peer, sealed
   * @throws {QueueFullError} `queueMax` requests to this peer wait, `peersMax` is reached, or all message IDs are in use
   * @throws {EndpointClosedError} the client is closed
   * @throws {TypeError} a request that cannot be written, or that observes: notifications need state (RFC 8974 §4.1)
   * @throws {RangeError} a request beyond `datagramBytesMax`, or a token beyond `tokenBytesMax`
   */
  request(peer: PeerId, init: StatelessRequestInit, state: Uint8Array): void {
    if (this.#isClosed) throw new EndpointClosedError('the stateless client is closed', { peer });
    const { code, options, payload } = encodeRequestInit(init);
    if (options.some(({ number }) => number === OptionNumber.Observe)) {
      throw new TypeError('a stateless client does not observe');
    }
    const token = this.#sealer.seal(state, peer);
    const { tokenBytesMax } = this.#parameters;
    if (token.length > tokenBytesMax) {
      throw new RangeError(`a token of ${token.length} bytes is longer than tokenBytesMax (${tokenBytesMax})`);
    }
    const now = this.#clock.now();
    const effects = this.#messages.send(peer, { isConfirmable: false, code, token, options, payload }, { peer }, now);
    const refusal = effects.events.find((event) => event.kind === 'refused');
    this.#perform(effects);
    if (refusal === undefined) return;
    const { limit } = refusal;
    throw new QueueFullError(`the request to ${peer} cannot be sent: ${limit}`, { peer, limit });
  }

  /**
   * Counters and gauges of the message layer, and: `responsesIn`, `tokensRefused` (of responses that were not taken),
   * `requestsReset` (requests that a peer rejected; after the first of them, ask `takesExtendedTokens`).
   */
  stats(): Readonly<Record<string, number>> {
    return { ...this.#messages.stats(), ...this.#counters };
  }

  /** Ends the client, and closes the transport. */
  close(): Promise<void> {
    this.#end();
    return this.#transport.close();
  }

  #step(act: (now: Instant) => Effects<MessageEvent<Asked>>): void {
    if (!this.#isClosed) this.#perform(act(this.#clock.now()));
  }

  #perform({ transmits, events }: Effects<MessageEvent<Asked>>): void {
    for (const { peer, bytes } of transmits) this.#transport.send(peer, bytes);
    for (const event of events) {
      if (this.#isClosed) return;
      if (event.kind === 'response') this.#handleResponse(event.peer, event.message);
      else if (event.kind === 'request') this.#reject(event.peer, event.message);
      else if (event.kind === 'reset') this.#counters.requestsReset++;
    }
    this.#cancelTimer?.();
    const { wakeAt } = this.#messages;
    this.#cancelTimer =
      wakeAt === undefined || this.#isClosed
        ? undefined
        : this.#clock.schedule(wakeAt, () => this.#step((now) => this.#messages.handleTimeout(now)));
  }

  /** "If a separate response passes the checks … otherwise, it rejects the message" (RFC 8974 §3.3). */
  #handleResponse(peer: PeerId, message: DecodedMessage): void {
    const opened = rejectedOption(message) === undefined ? this.#open(peer, message) : undefined;
    if (opened === undefined) {
      this.#reject(peer, message);
      return;
    }
    if (message.type === MessageType.Confirmable) {
      this.#step((now) => this.#messages.acknowledge(peer, message.messageId, now));
    }
    this.#counters.responsesIn++;
    try {
      this.#onResponse(opened.response, opened.state);
    } catch (error) {
      this.#logger?.error?.({ err: error }, 'a callback failed');
    }
  }

  #open(peer: PeerId, message: DecodedMessage): { response: CoapResponse; state: Uint8Array } | undefined {
    const state = this.#stateOf(peer, message.token);
    if (state === undefined) {
      this.#counters.tokensRefused++;
      return undefined;
    }
    try {
      return { response: readResponse(peer, message, this.#clock.now()), state };
    } catch (error) {
      if (!DecodeError.is(error)) throw error;
      return undefined;
    }
  }

  #stateOf(peer: PeerId, token: Uint8Array): Uint8Array | undefined {
    if (token.length > this.#parameters.tokenBytesMax) return undefined;
    try {
      return this.#sealer.open(token, peer);
    } catch {
      // What anybody may send must not end a program whose cipher throws.
      return undefined;
    }
  }

  /** A Non-confirmable message is "rejected" with silence (RFC 7252 §4.3). */
  #reject(peer: PeerId, { type, messageId }: DecodedMessage): void {
    if (type !== MessageType.Confirmable) return;
    this.#step((now) => this.#messages.reject(peer, messageId, now));
  }

  #end(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
