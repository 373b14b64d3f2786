import type { BodyPart } from '../block/outgoing-body.ts';
import type { Effects, Instant } from '../effects.ts';
import type { ServingMessaging } from '../messaging.ts';
import type { NotificationContent } from '../observe/relations.ts';
import { blockWise } from './block-wise.ts';
import { EndpointCore, type EndpointParts } from './endpoint-core.ts';
import type { EndpointEvent, MessageContext } from './endpoint-event.ts';
import type { AcceptedObserver, AnswerContent } from './endpoint-server.ts';
import { type EndpointStats, wholeStats } from './endpoint-stats.ts';
import { newStep } from './new-step.ts';
import type { ServerHalf, ServingSurroundings } from './server-half.ts';

/** What an endpoint in both roles is composed of. */
export interface ServingParts extends Omit<EndpointParts, 'messages' | 'bodies' | 'serve'> {
  /** What carries its messages. */
  readonly messages: ServingMessaging<MessageContext>;
  /** Makes the server's half. */
  readonly serve: (shared: ServingSurroundings) => ServerHalf;
}

/** One CoAP endpoint in both roles without socket and clock, above whatever carries messages. */
export class ServingCore extends EndpointCore {
  readonly #server: ServerHalf;

  /** @hidden */
  constructor(parts: ServingParts) {
    const made: ServerHalf[] = [];
    super({
      ...parts,
      bodies: blockWise,
      serve: (shared) => {
        const server = parts.serve({ ...shared, messages: parts.messages });
        made.push(server);
        return server;
      },
    });
    this.#server = made[0] as ServerHalf;
  }

  /** Counters and gauges. */
  override stats(): EndpointStats {
    return wholeStats(super.stats());
  }

  /**
   * Answers a request; to one that was answered already, for want of an answer, nothing.
   *
   * @throws {RangeError} an answer that does not fit a datagram; the request is still to be answered
   */
  respond(exchangeId: number, answer: AnswerContent, now: Instant): Effects<EndpointEvent> {
    const step = newStep(now);
    this.#server.respond(exchangeId, answer, step);
    return this.finish(step);
  }

  /** What came with `body-chunk` was taken: the peer may send the next bytes of its request. */
  consumeBody(exchangeId: number, now: Instant): Effects<EndpointEvent> {
    return this.run(now, (step) => this.#server.consumeBody(exchangeId, step));
  }

  /** Gives bytes of the body of an answer, which `body-wanted` asked for: those from `offset` on. */
  provideBody(exchangeId: number, offset: number, part: BodyPart, now: Instant): Effects<EndpointEvent> {
    return this.run(now, (step) => this.#server.provideBody(exchangeId, offset, part, step));
  }

  /** There are no such bytes: the peer is told `code`, and nothing is wanted of this body any more. */
  failBody(exchangeId: number, code: number, now: Instant): Effects<EndpointEvent> {
    return this.run(now, (step) => this.#server.failBody(exchangeId, code, step));
  }

  /**
   * Makes a request with Observe 0, which is not answered yet, an observation; its number is that of the exchange.
   *
   * @returns the effects, whom it is about, and the name of the limit that forbids it, if one does
   * @throws {TypeError} any other request
   */
  acceptObserver(exchangeId: number, now: Instant): Effects<EndpointEvent> & AcceptedObserver {
    const accepted: AcceptedObserver[] = [];
    const effects = this.run(now, (step) => accepted.push(this.#server.acceptObserver(exchangeId, step)));
    return { ...effects, ...(accepted[0] as AcceptedObserver) };
  }

  /**
   * Notifies an observer; one that is none any more, not.
   *
   * @throws {RangeError} a notification that does not fit a datagram
   */
  notify(relationId: number, content: NotificationContent, now: Instant): Effects<EndpointEvent> {
    return this.run(now, (step) => this.#server.notify(relationId, content, step));
  }

  /** Forgets an observer without a word; there is no event about it. */
  endRelation(relationId: number, now: Instant): Effects<EndpointEvent> {
    return this.run(now, (step) => this.#server.endRelation(relationId, step));
  }
}
