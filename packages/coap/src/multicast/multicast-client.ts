import { DecodeError } from '@motestack/bytes';
import { blockOf } from '../block/block-option.ts';
import type { ClientEndpoint } from '../client/client-endpoint.ts';
import { type CoapRequestInit, encodeRequestInit } from '../client/coap-request-init.ts';
import { type CoapResponse, readResponse } from '../client/coap-response.ts';
import type { PeerId, RandomSource } from '../effects.ts';
import { AbortedError, EndpointClosedError, PeerUnreachableError, QueueFullError } from '../errors.ts';
import { rejectedOption } from '../exchange/rejected-option.ts';
import { MessageIds } from '../message-layer/message-ids.ts';
import { defaultTransmissionParameters, derivedTimes } from '../parameters.ts';
import type { AbortSignalLike } from '../platform/abort-source.ts';
import type { Clock } from '../platform/clock.ts';
import type { DatagramTransport } from '../platform/transport.ts';
import {
  type DecodedMessage,
  decodeMessage,
  encodeMessage,
  isResponseCode,
  MessageType,
  type Option,
  OptionNumber,
  rejectionOf,
} from '../wire/index.ts';
import { tokenKey } from '../wire/token-key.ts';
import { GroupCall } from './group-call.ts';
import type { GroupResponses } from './group-responses.ts';
import { fetchLaterBlocks } from './later-blocks.ts';
import { type MulticastClientParameters, resolveMulticastClientParameters } from './multicast-client-parameters.ts';

/** A request to a group: always Non-confirmable. */
export type GroupRequestInit = Omit<CoapRequestInit, 'confirmable'>;

/** How long, and by whose leave, responses are waited for. */
export interface GroupRequestOptions {
  /** Ends the waiting with an `AbortedError`. */
  readonly signal?: AbortSignalLike | undefined;
  /** Responses are taken for so long. Default: the parameter of this name. */
  readonly durationMs?: number | undefined;
}

/** What a multicast client is made of. */
export interface MulticastClientOptions {
  /** A socket of its own, not connected; closed with the client. */
  readonly transport: DatagramTransport;
  /** Tells and waits. */
  readonly clock: Clock;
  /** Makes tokens and message IDs. */
  readonly random: RandomSource;
  /** Fetches further blocks of long bodies; without it, only the first block of such comes. Not closed here. */
  readonly unicast?: Pick<ClientEndpoint, 'request'> | undefined;
  /** What differs from `defaultMulticastClientParameters`. */
  readonly parameters?: Partial<MulticastClientParameters> | undefined;
}

const { exchangeLifetimeMs } = derivedTimes(defaultTransmissionParameters);
const TOKEN_BYTES = 8;
const NOTHING = new Uint8Array(0);

/**
 * Asks many peers at once: sends a request to a multicast group and takes the responses of all that answer.
 *
 * @see RFC 7252 §8
 * @example
 * const client = new MulticastClient({ transport, clock, random, unicast: endpoint });
 * for await (const { peer, payload } of client.request('224.0.1.187:5683', { method: 'GET', path: ['temperature'] })) …
 */
export class MulticastClient {
  readonly #transport: DatagramTransport;
  readonly #clock: Clock;
  readonly #random: RandomSource;
  readonly #unicast: Pick<ClientEndpoint, 'request'> | undefined;
  readonly #parameters: MulticastClientParameters;
  readonly #messageIds: MessageIds;
  /** By token. */
  readonly #calls = new Map<string, { readonly call: GroupCall; readonly init: GroupRequestInit }>();
  #isClosed = false;

  /** @throws {RangeError} a parameter that means nothing */
  constructor(options: MulticastClientOptions) {
    this.#parameters = resolveMulticastClientParameters(options.parameters);
    this.#transport = options.transport;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#unicast = options.unicast;
    this.#messageIds = new MessageIds(options.random);
    options.transport.open({
      datagram: (peer, bytes) => this.#take(peer, new Uint8Array(bytes)),
      unreachable: (peer, cause) => this.#handleUnreachable(peer, cause),
      closed: (cause) => this.#end(cause),
    });
  }

  /**
   * Sends a request to a group, at once.
   *
   * @param group its address and port, such as `224.0.1.187:5683` or `[ff02::fd%eth0]:5683`
   * @returns the responses as they come, one of each peer, of whatever code. Asking for the next rejects with an
   *   `AbortedError`, a `PeerUnreachableError` or an `EndpointClosedError` where the waiting ended so
   * @throws {QueueFullError} `groupRequestsMax` requests are under way, or all message IDs are in use
   * @throws {EndpointClosedError} the client is closed
   * @throws {TypeError | RangeError} a request that cannot be written, or that may not go to a group
   */
  request(group: PeerId, init: GroupRequestInit, options: GroupRequestOptions = {}): GroupResponses {
    const { code, options: requestOptions, payload } = encodeRequestInit(init);
    assertForGroup(requestOptions);
    if (this.#isClosed) throw this.#closedError(undefined);
    const { groupRequestsMax, durationMs } = this.#parameters;
    if (this.#calls.size >= groupRequestsMax) throw queueFull(group, 'groupRequestsMax');
    const now = this.#clock.now();
    const token = this.#newToken();
    const type = MessageType.NonConfirmable;
    const unnumbered = { type, code, messageId: 0, token, options: requestOptions, payload };
    encodeMessage(unnumbered);
    const messageId = this.#messageIds.take(now, exchangeLifetimeMs);
    if (messageId === undefined) throw queueFull(group, 'message-ids');
    const bytes = encodeMessage({ ...unnumbered, messageId });
    const { signal } = options;
    const onAbort = (): void =>
      call.end(new AbortedError('the request to a group was aborted', { cause: signal?.reason }));
    const cancelTimer = this.#clock.schedule(now + (options.durationMs ?? durationMs), () => call.endTime());
    const call: GroupCall = new GroupCall(group, () => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
      this.#calls.delete(tokenKey(token));
    });
    this.#calls.set(tokenKey(token), { call, init });
    if (signal?.aborted) onAbort();
    else {
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#transport.send(group, bytes);
    }
    return call.responses;
  }

  /** Ends all waiting with an `EndpointClosedError`, and closes the transport. */
  close(): Promise<void> {
    this.#end(undefined);
    return this.#transport.close();
  }

  #take(peer: PeerId, bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const message = this.#read(peer, bytes);
    if (message === undefined) return;
    const { type } = message;
    if (type === MessageType.Acknowledgement || type === MessageType.Reset) return;
    // "only the token MUST match" (RFC 7252 §8.2).
    const found = isResponseCode(message.code) ? this.#calls.get(tokenKey(message.token)) : undefined;
    const isUsable = found !== undefined && rejectedOption(message) === undefined;
    if (type === MessageType.Confirmable) this.#reply(peer, message, isUsable);
    if (!isUsable || found.call.peers.has(peer) || found.call.peers.size >= this.#parameters.responsesMax) return;
    let response: CoapResponse;
    try {
      response = readResponse(peer, message, this.#clock.now());
    } catch (error) {
      if (!DecodeError.is(error)) throw error;
      return;
    }
    found.call.peers.add(peer);
    this.#tell(found.call, found.init, response);
  }

  #read(peer: PeerId, bytes: Uint8Array): DecodedMessage | undefined {
    try {
      return decodeMessage(bytes);
    } catch (error) {
      if (!DecodeError.is(error)) throw error;
      const reset = rejectionOf(bytes);
      if (reset !== undefined) this.#transport.send(peer, reset);
      return undefined;
    }
  }

  #reply(peer: PeerId, { messageId }: DecodedMessage, isUsable: boolean): void {
    const type = isUsable ? MessageType.Acknowledgement : MessageType.Reset;
    const empty = { type, code: 0, messageId, token: NOTHING, options: [], payload: NOTHING };
    this.#transport.send(peer, encodeMessage(empty));
  }

  /** Tells a response; of a body in blocks, the rest is fetched first (RFC 7959 §2.8). */
  #tell(call: GroupCall, init: GroupRequestInit, response: CoapResponse): void {
    const block = blockOf(response.options, OptionNumber.Block2);
    const isWhole = block === undefined || (block.blockNumber === 0 && !block.more);
    if (isWhole || block.blockNumber > 0 || this.#unicast === undefined) {
      call.responses.push({ ...response, isComplete: isWhole });
    } else void call.during(this.#tellWhole(this.#unicast, call, init, response));
  }

  async #tellWhole(
    unicast: Pick<ClientEndpoint, 'request'>,
    call: GroupCall,
    init: GroupRequestInit,
    first: CoapResponse,
  ): Promise<void> {
    const { signal } = call.abort;
    const plain = (init.options ?? []).filter(({ number }) => number !== OptionNumber.Block2);
    const ask = (block: Option): Promise<CoapResponse> =>
      unicast.request(first.peer, { ...init, options: [...plain, block] }, { signal });
    // Whatever keeps the rest from coming, the first block came.
    const payload = await fetchLaterBlocks(first, ask, this.#parameters.bodyBytesMax).catch(() => undefined);
    call.responses.push({ ...first, payload: payload ?? first.payload, isComplete: payload !== undefined });
  }

  #newToken(): Uint8Array {
    const token = new Uint8Array(TOKEN_BYTES);
    do this.#random.fill(token);
    while (this.#calls.has(tokenKey(token)));
    return token;
  }

  #handleUnreachable(peer: PeerId, cause: Error): void {
    for (const { call } of [...this.#calls.values()]) {
      if (call.group === peer) call.end(new PeerUnreachableError('the group cannot be reached', { peer, cause }));
    }
  }

  #end(cause: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { call } of [...this.#calls.values()]) call.end(this.#closedError(cause));
  }

  #closedError(cause: Error | undefined): EndpointClosedError {
    return new EndpointClosedError(`the multicast client ${this.#transport.localUrl} is closed`, { cause });
  }
}

/** @throws {TypeError} options that a request to a group may not have */
function assertForGroup(options: readonly Option[]): void {
  for (const { number, value } of options) {
    // "A GET request to a multicast group MUST NOT contain an ETag option" (RFC 7252 §8.2.1).
    if (number === OptionNumber.ETag) throw new TypeError('a request to a group has no ETag (RFC 7252 §8.2.1)');
    if (number === OptionNumber.Observe) throw new TypeError('a group is not observed');
    const isLater =
      number === OptionNumber.Block2 && value.some((byte, index) => byte >>> (index + 1 < value.length ? 0 : 4) > 0);
    // "with NUM = 0"; "Other uses … are for further study" (RFC 7959 §2.8).
    if (number === OptionNumber.Block1 || isLater) throw new TypeError('a request to a group has block 0 at most');
  }
}

function queueFull(peer: PeerId, limit: string): QueueFullError {
  return new QueueFullError(`too many requests to groups are under way: ${limit}`, { peer, limit });
}
