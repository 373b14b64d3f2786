import type { Instant, RandomSource } from '../effects.ts';
import { derivedTimes, type RetransmissionParameters, resolveTransmissionParameters } from '../parameters.ts';
import type { PlainLayerParameters } from './message-layer-parameters.ts';
import type { Transmission } from './transmission.ts';

/** A timer may be so late and its retransmission still counts as within MAX_TRANSMIT_SPAN. */
const LATENESS_MS_MAX = 1000;

/** How often and when Confirmable messages are sent: those of the layer, or of one message. */
export interface RetransmissionPlan extends RetransmissionParameters {
  /** MAX_TRANSMIT_SPAN. */
  readonly maxTransmitSpanMs: number;
  /** MAX_TRANSMIT_WAIT. */
  readonly maxTransmitWaitMs: number;
  /** Whether it is told for the message alone, and no estimate counts. */
  readonly isOwn: boolean;
}

/**
 * When Confirmable messages are sent again, and how long they are waited for.
 *
 * @see RFC 7252 §4.2
 */
export class RetransmissionTimes {
  readonly #parameters: PlainLayerParameters;
  readonly #plan: RetransmissionPlan;
  readonly #random: RandomSource;
  readonly #draw = new Uint8Array(4);

  constructor(parameters: PlainLayerParameters, random: RandomSource) {
    this.#parameters = parameters;
    this.#random = random;
    this.#plan = planOf(parameters, false);
  }

  /**
   * How a message is sent that has parameters of its own.
   *
   * @throws {RangeError} parameters that RFC 7252 §4.8.1 forbids, or by which the message would outlive its message ID
   */
  plan(own: Partial<RetransmissionParameters> | undefined): RetransmissionPlan {
    if (own === undefined) return this.#plan;
    const { ackTimeoutMs, ackRandomFactor, maxRetransmit } = { ...this.#plan, ...own };
    const layer = this.#parameters;
    const plan = planOf({ ...layer, ackTimeoutMs, ackRandomFactor, maxRetransmit }, true);
    const { exchangeLifetimeMs } = derivedTimes(layer);
    if (plan.maxTransmitWaitMs <= exchangeLifetimeMs) return plan;
    throw new RangeError(`a message cannot wait for longer than EXCHANGE_LIFETIME (${exchangeLifetimeMs} ms)`);
  }

  /** The first wait: between ACK_TIMEOUT and ACK_TIMEOUT times ACK_RANDOM_FACTOR, by chance. */
  begin<Context>(transmission: Transmission<Context>, now: Instant): void {
    const plan = transmission.plan ?? this.#plan;
    const rto = plan.isOwn ? undefined : transmission.peer.rto;
    const draw = this.#draw;
    this.#random.fill(draw);
    const fraction = new DataView(draw.buffer).getUint32(0) / 2 ** 32;
    const leastMs = rto === undefined ? plan.ackTimeoutMs : rto.rtoMs(now);
    const firstMs = leastMs * (1 + fraction * (plan.ackRandomFactor - 1));
    transmission.firstSentAt = now;
    // There must be time for one more attempt.
    transmission.timeoutMs = rto === undefined ? firstMs : Math.min(firstMs, plan.maxTransmitSpanMs);
    if (rto !== undefined) transmission.backOff = rto.backOff(transmission.timeoutMs);
  }

  /**
   * Sets the time of the next attempt.
   *
   * @returns `false`: there is none, the message is to be given up
   */
  advance<Context>(transmission: Transmission<Context>, now: Instant): boolean {
    const { maxRetransmit, maxTransmitSpanMs, maxTransmitWaitMs, ackTimeoutMs } = transmission.plan ?? this.#plan;
    const isWithinSpan = now - transmission.firstSentAt <= maxTransmitSpanMs + LATENESS_MS_MAX;
    if (transmission.retransmissions >= maxRetransmit || !isWithinSpan) return false;
    transmission.retransmissions++;
    // "the minimum spacing before another retransmission is ACK_TIMEOUT" (RFC 7252 §4.2), however late this one is; for
    // a peer whose round trips are shorter, it is that.
    const spacingMs = Math.min(ackTimeoutMs, transmission.timeoutMs);
    transmission.timeoutMs *= transmission.backOff;
    const nextAt = Math.max(transmission.deadline + transmission.timeoutMs, now + spacingMs);
    // An estimate does not make an exchange longer than MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2).
    const endAt = transmission.firstSentAt + maxTransmitWaitMs;
    transmission.deadline =
      transmission.peer.rto === undefined ? nextAt : Math.min(nextAt, Math.max(endAt, now + spacingMs));
    return true;
  }

  /** Measures the round trip of a message that was acknowledged as it was first sent. */
  measure<Context>({ peer, previousIds, firstSentAt, retransmissions }: Transmission<Context>, now: Instant): void {
    if (previousIds === undefined) peer.rto?.noteRoundTrip(now - firstSentAt, retransmissions, now);
  }
}

function planOf(parameters: PlainLayerParameters, isOwn: boolean): RetransmissionPlan {
  const { ackTimeoutMs, ackRandomFactor, maxRetransmit, maxLatencyMs } = parameters;
  const checked = resolveTransmissionParameters({ ackTimeoutMs, ackRandomFactor, maxRetransmit, maxLatencyMs });
  const { maxTransmitSpanMs, maxTransmitWaitMs } = derivedTimes(checked);
  return { ackTimeoutMs, ackRandomFactor, maxRetransmit, maxTransmitSpanMs, maxTransmitWaitMs, isOwn };
}
