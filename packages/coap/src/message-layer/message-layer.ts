import type { Effects, Instant, PeerId, RandomSource } from '../effects.ts';
import type { MessageEvent, OutgoingMessage, PiggybackedResponse, ServingMessaging } from '../messaging.ts';
import {
  type DecodedMessage,
  EMPTY_CODE,
  encodeMessage,
  isRequestCode,
  type Message,
  MessageType,
  ResponseCode,
} from '../wire/index.ts';
import type { Duplicates } from './duplicates.ts';
import { isRepeatable } from './is-repeatable.ts';
import { equals, tokenOf } from './message-bytes.ts';
import type { MessageLayerParameters } from './message-layer-parameters.ts';
import { type MessageHead, PlainMessageLayer } from './plain-message-layer.ts';
import type { MessageStep } from './plain-transmissions.ts';
import { Transmissions } from './transmissions.ts';

const NOTHING = new Uint8Array(0);

/**
 * The message layer of who serves: it answers requests in their Acknowledgements, tells duplicates of requests, and lets
 * notifications supersede each other.
 *
 * @typeParam Context what the sender of a message gives with it, and gets back with what becomes of it
 * @see RFC 7252 §4
 */
export class MessageLayer<Context extends object>
  extends PlainMessageLayer<Context>
  implements ServingMessaging<Context>
{
  readonly #transmissions: Transmissions<Context>;

  /** @param duplicates knows what came already: a `DuplicateTable`, or less for who serves nobody */
  constructor(parameters: MessageLayerParameters, random: RandomSource, duplicates: Duplicates) {
    const transmissions = new Transmissions<Context>(parameters, random);
    super(parameters, transmissions, duplicates);
    this.#transmissions = transmissions;
  }

  /**
   * Lets a newer message take the place of the one that is under way with this context, when its current attempt ends.
   *
   * @returns `false`: nothing is under way, `send` it instead
   * @throws {RangeError} as `send` does
   * @see RFC 7641 §4.5.2
   */
  supersede(context: Context, message: OutgoingMessage): boolean {
    return this.#transmissions.supersede(context, message);
  }

  /**
   * Answers a Confirmable request in its Acknowledgement; duplicates of the request will get the same, unless it
   * `isRepeatable`: "a server might relax the requirement" for them (RFC 7252 §4.5).
   *
   * @throws {RangeError} as `send` does
   * @see RFC 7252 §5.2.1
   */
  respond(
    peer: PeerId,
    messageId: number,
    response: PiggybackedResponse,
    now: Instant,
  ): Effects<MessageEvent<Context>> {
    const { code, token, options, payload } = response;
    const type = MessageType.Acknowledgement;
    const bytes = encodeMessage({ type, code, messageId, token, options, payload }, this.format);
    const { datagramBytesMax } = this.parameters;
    if (bytes.length > datagramBytesMax) {
      throw new RangeError(`a response of ${bytes.length} bytes is longer than datagramBytesMax (${datagramBytesMax})`);
    }
    if (response.isRepeatable !== true) return this.answer(peer, messageId, bytes);
    const step = this.step(now);
    this.duplicates.release(peer, messageId);
    this.transmit(peer, bytes, step);
    return this.effects(step);
  }

  protected override isReused(answer: Uint8Array, { token }: DecodedMessage): boolean {
    const isReused = answersAnother(answer, token);
    if (isReused) this.counters.messageIdsReused++;
    return isReused;
  }

  protected override isRepeatable(message: DecodedMessage): boolean {
    return isRepeatable(message);
  }

  protected override refuseForMemory(peer: PeerId, message: DecodedMessage, step: MessageStep<Context>): void {
    super.refuseForMemory(peer, message, step);
    if (message.type !== MessageType.Confirmable) return;
    this.#transmitPiggybacked(peer, message, ResponseCode.ServiceUnavailable, step);
  }

  /** What can be read of a request that is too long says whom to tell (RFC 7252 §4.6). */
  protected override refuseTooLarge(peer: PeerId, head: MessageHead, step: MessageStep<Context>): void {
    const { code, messageId, token } = head;
    if (!isRequestCode(code) || token === undefined) super.refuseTooLarge(peer, head, step);
    else this.#transmitPiggybacked(peer, { messageId, token }, ResponseCode.RequestEntityTooLarge, step);
  }

  #transmitPiggybacked(
    peer: PeerId,
    request: Pick<Message, 'messageId' | 'token'>,
    code: number,
    step: MessageStep<Context>,
  ): void {
    const { messageId, token } = request;
    const type = MessageType.Acknowledgement;
    const message = { type, code, messageId, token, options: [], payload: NOTHING };
    this.transmit(peer, encodeMessage(message, this.format), step);
  }
}

/**
 * Whether what was answered to a message with this ID answers another one: a piggybacked response has the token of its
 * request (RFC 7252 §5.3.2), and a duplicate is the same to the last byte.
 *
 * Nobody may use an ID again within EXCHANGE_LIFETIME (RFC 7252 §4.4), yet libcoap does in a body of more than 65,536
 * blocks. Where the answer has no such token, an empty message say, the rule holds.
 */
function answersAnother(answer: Uint8Array, token: Uint8Array): boolean {
  const [, code = EMPTY_CODE] = answer;
  const answered = tokenOf(answer, { extendedTokens: true });
  return code !== EMPTY_CODE && answered !== undefined && !equals(answered, token);
}
