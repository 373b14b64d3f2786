import { encodeUtf8 } from '@motestack/bytes';
import type { PeerId } from '../effects.ts';
import { isUnwanted, unwantedClasses } from '../exchange/no-response.ts';
import {
  checkOptions,
  type DecodedMessage,
  isCritical,
  MessageType,
  Method,
  type Option,
  type OptionDescription,
  OptionNumber,
  optionDefinition,
  optionDefinitions,
  ResponseCode,
} from '../wire/index.ts';
import type { EndpointStep, Nobody } from './endpoint-event.ts';
import type { AnswerContent, ServerSurroundings } from './endpoint-server.ts';

const NOBODY: Nobody = { role: 'nobody' };
const NOTHING = new Uint8Array(0);

/**
 * Which requests reach the handler; the others are answered here.
 *
 * @see RFC 7252 §5.4.1, §5.8; RFC 8974 §2.2.2; RFC 9175 §2.4
 */
export class RequestAdmission {
  readonly #surroundings: ServerSurroundings;
  readonly #tokenBytesMax: number;
  /** By number: what is understood, without critical options that nobody here acts on. */
  readonly #understood: readonly (OptionDescription | undefined)[];
  readonly #describe = (optionNumber: number): OptionDescription | undefined => {
    return optionNumber < this.#understood.length ? this.#understood[optionNumber] : undefined;
  };

  constructor(surroundings: ServerSurroundings) {
    this.#surroundings = surroundings;
    // Over a reliable transport its CSM says which are taken (RFC 8974 §2.2.1).
    this.#tokenBytesMax = surroundings.messages.isReliable ? Number.POSITIVE_INFINITY : surroundings.tokenBytesMax;
    this.#understood = understoodBy(surroundings.criticalOptions);
  }

  /**
   * Looks at a new request.
   *
   * @returns the options that count; `undefined`: it is not for the handler, and its peer was told if it is to be told
   */
  admit(peer: PeerId, message: DecodedMessage, step: EndpointStep): readonly Option[] | undefined {
    // "if the server will never be able to handle the request … it SHOULD return a 4.00" (RFC 8974 §2.2.2).
    if (message.tokenLength > this.#tokenBytesMax)
      return this.#refuseWith(ResponseCode.BadRequest, peer, message, step);
    const { recognized, unrecognizedCritical } = checkOptions(message.options, this.#describe);
    const unrecognized = unrecognizedCritical[0];
    if (unrecognized !== undefined) return this.#refuseOption(peer, message, unrecognized, step);
    // "unrecognized or unsupported Method Code" (RFC 7252 §5.8).
    if (message.code > Method.IPatch) return this.#refuseWith(ResponseCode.MethodNotAllowed, peer, message, step);
    const { exchanges, counters, amplificationLimit } = this.#surroundings;
    if (exchanges.isFull(peer)) {
      counters.serverExchangesFull++;
      return this.#refuseWith(ResponseCode.ServiceUnavailable, peer, message, step);
    }
    const echo = amplificationLimit?.challenge(peer, recognized, step.now);
    if (echo === undefined) return recognized;
    counters.echoChallenges++;
    const options = [{ number: OptionNumber.Echo, value: echo }];
    this.#refuse(peer, message, { code: ResponseCode.Unauthorized, options, payload: NOTHING }, step);
    return undefined;
  }

  #refuseOption(peer: PeerId, message: DecodedMessage, optionNumber: number, step: EndpointStep): undefined {
    this.#surroundings.counters.badOptions++;
    // "that occur in a Non-confirmable message MUST cause the message to be rejected": silence (RFC 7252 §5.4.1, §4.3).
    if (message.type !== MessageType.Confirmable) return;
    const isProxying = optionNumber === OptionNumber.ProxyUri || optionNumber === OptionNumber.ProxyScheme;
    // RFC 7252 §5.7.2, §5.10.2: 5.05 of an endpoint that is no proxy; else 4.02 with the option's name (§5.4.1).
    const code = isProxying ? ResponseCode.ProxyingNotSupported : ResponseCode.BadOption;
    const name = optionDefinition(optionNumber)?.name ?? `Option ${optionNumber}`;
    this.#refuse(peer, message, { code, options: [], payload: encodeUtf8(`${name} is not supported`) }, step);
  }

  #refuseWith(code: number, peer: PeerId, message: DecodedMessage, step: EndpointStep): undefined {
    this.#refuse(peer, message, { code, options: [], payload: NOTHING }, step);
  }

  #refuse(peer: PeerId, message: DecodedMessage, answer: AnswerContent, step: EndpointStep): void {
    const { messages, counters, absorb } = this.#surroundings;
    const { messageId, token } = message;
    const { code, options, payload } = answer;
    if (isUnwanted(unwantedClasses(message.options), code)) {
      counters.answersSuppressed++;
      if (message.type === MessageType.Confirmable) absorb(step, messages.acknowledge(peer, messageId, step.now));
      return;
    }
    const effects =
      message.type === MessageType.Confirmable
        ? messages.respond(peer, messageId, { code, token, options, payload }, step.now)
        : messages.send(peer, { isConfirmable: false, code, token, options, payload }, NOBODY, step.now);
    absorb(step, effects);
  }
}

/** Every registered option by number, without critical ones that are not among `criticalOptions`; those of blocks are. */
function understoodBy(criticalOptions: readonly number[]): readonly (OptionDescription | undefined)[] {
  const critical = new Set([...criticalOptions, OptionNumber.Block1, OptionNumber.Block2]);
  const understood: (OptionDescription | undefined)[] = [];
  const last = optionDefinitions.at(-1)?.number ?? 0;
  for (let number = 0; number <= last; number++) {
    understood.push(isCritical(number) && !critical.has(number) ? undefined : optionDefinition(number));
  }
  return understood;
}
