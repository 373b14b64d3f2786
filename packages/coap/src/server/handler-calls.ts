import { DecodeError } from '@motestack/bytes';
import { isBodySource, type StreamedBody } from '../bodies/body-source.ts';
import { HandlerBodies } from '../bodies/handler-bodies.ts';
import type { ServerCalls } from '../client/endpoint-events.ts';
import { failureError } from '../client/failure-error.ts';
import type { Effects, PeerId } from '../effects.ts';
import type { EndpointDriver } from '../endpoint/endpoint-driver.ts';
import type { EndpointEvent, Failure, RelationEndReason } from '../endpoint/endpoint-event.ts';
import type { AnswerBody } from '../endpoint/endpoint-server.ts';
import type { ServerEvent } from '../endpoint/server-half.ts';
import type { ServingCore } from '../endpoint/serving-core.ts';
import {
  AbortedError,
  type CoapError,
  ConnectionLostError,
  PeerUnreachableError,
  QueueFullError,
  ResetError,
  TimeoutError,
} from '../errors.ts';
import type { NotificationContent } from '../observe/relations.ts';
import type { Logger } from '../platform/logger.ts';
import type { PeerIdentity } from '../platform/peer-identity.ts';
import { ResponseCode } from '../wire/index.ts';
import { type CoapAnswer, encodeAnswer } from './coap-answer.ts';
import { IncomingRequest, type RequestHandler } from './coap-request.ts';
import { type ObserverRelation, type RelationCommands, RelationHandle } from './observer-relation.ts';

/** An answer that the core has taken and not sent yet. */
interface UnsentAnswer {
  readonly request: IncomingRequest;
  readonly whenSent: () => void;
}

type RequestEvent = Extract<EndpointEvent, { readonly kind: 'request' }>;

/** Who answers, which may change while an endpoint is open. */
export interface Serving {
  /** Answers requests; without one they get 4.04. */
  handler: RequestHandler | undefined;
  /** Takes what an operator may want to read. */
  readonly logger: Logger | undefined;
  /** Knows who a peer is. */
  readonly identityOf?: ((peer: PeerId) => PeerIdentity | undefined) | undefined;
  /** Knows by which name a peer asked for this server. */
  readonly hostOf?: ((peer: PeerId) => string | undefined) | undefined;
  /** So many bytes of a streamed request body wait for the handler. */
  readonly streamBufferBytes: number;
}

/** The server's half of a `CoapEndpoint`: calls of the handler and what follows from its answers. */
export class HandlerCalls implements ServerCalls {
  readonly #serving: Serving;
  readonly #core: ServingCore;
  readonly #driver: EndpointDriver;
  /** Requests that are answered later. */
  readonly #running = new Map<number, IncomingRequest>();
  /** Requests whose answers wait for being sent, where somebody waits for that. */
  readonly #unsent = new Map<number, UnsentAnswer>();
  readonly #relations = new Map<number, RelationHandle>();
  readonly #commands: RelationCommands;
  readonly #acceptObserver = (exchangeId: number): ObserverRelation => this.#accept(exchangeId);

  readonly #bodies: HandlerBodies;

  constructor(core: ServingCore, driver: EndpointDriver, serving: Serving) {
    this.#core = core;
    this.#driver = driver;
    this.#serving = serving;
    this.#bodies = new HandlerBodies(core, driver, { bufferMax: serving.streamBufferBytes, logger: serving.logger });
    this.#commands = {
      notify: (relationId, content) => this.#notify(relationId, content),
      endRelation: (relationId) => this.#endRelation(relationId),
    };
  }

  /** How many requests wait for a handler that answers later. */
  get count(): number {
    return this.#running.size;
  }

  /** Takes an event of the core. */
  handleEvent(event: ServerEvent): void {
    switch (event.kind) {
      case 'request':
        this.#handleRequest(event);
        return;
      case 'answered': {
        const answer = this.#unsent.get(event.exchangeId);
        this.#unsent.delete(event.exchangeId);
        answer?.whenSent();
        return;
      }
      case 'unsent':
        this.#loseAnswer(event.exchangeId, (peer) => new AbortedError(`no answer could be sent to ${peer}`, { peer }));
        return;
      case 'abandoned':
        this.#abandon(event.exchangeId, (peer) =>
          event.failure === undefined
            ? new TimeoutError('the handler took longer than handlerTimeoutMs')
            : failureError(event.failure, peer),
        );
        return;
      case 'relation-ended':
        this.#endHandle(event.relationId, (peer) => endError(event.reason, peer));
        return;
      case 'body-failed':
        this.#failBody(event.exchangeId, event.failure);
        return;
      case 'body-chunk':
      case 'body-wanted':
      case 'body-dropped':
        this.#bodies.handleEvent(event);
    }
  }

  /** Gives the signals of all requests and relations. */
  failAll(make: (peer: PeerId) => CoapError, onThrow: (error: unknown) => void): void {
    for (const id of [...this.#running.keys()]) guarded(() => this.#abandon(id, make), onThrow);
    this.#bodies.closeAll();
    for (const id of [...this.#relations.keys()]) guarded(() => this.#endHandle(id, make), onThrow);
    for (const id of [...this.#unsent.keys()]) guarded(() => this.#loseAnswer(id, make), onThrow);
  }

  #handleRequest(event: RequestEvent): void {
    const { exchangeId } = event;
    const { handler } = this.#serving;
    if (handler === undefined) {
      this.#answer(exchangeId, { code: ResponseCode.NotFound });
      return;
    }
    let request: IncomingRequest;
    try {
      const body = event.isStreamed === true ? this.#bodies.openRequest(exchangeId) : undefined;
      const identity = this.#serving.identityOf?.(event.peer);
      const host = this.#serving.hostOf?.(event.peer);
      request = new IncomingRequest(event, this.#acceptObserver, body, identity, host);
    } catch (error) {
      if (!DecodeError.is(error)) throw error;
      // A path or query that is not UTF-8.
      this.#answer(exchangeId, { code: ResponseCode.BadRequest });
      return;
    }
    let answer: CoapAnswer | Promise<CoapAnswer>;
    try {
      answer = handler(request);
    } catch (error) {
      this.#answerFailure(request, exchangeId, error);
      return;
    }
    if (answer instanceof Object && 'then' in answer) {
      this.#running.set(exchangeId, request);
      answer.then(
        (late) => this.#answerLate(request, exchangeId, late),
        (error) => this.#answerFailure(request, exchangeId, error),
      );
    } else this.#tryAnswer(request, exchangeId, answer);
  }

  #answerLate(request: IncomingRequest, exchangeId: number, answer: CoapAnswer): void {
    this.#running.delete(exchangeId);
    this.#tryAnswer(request, exchangeId, answer);
  }

  #tryAnswer(request: IncomingRequest, exchangeId: number, answer: CoapAnswer): void {
    try {
      this.#answer(exchangeId, answer, request);
    } catch (error) {
      this.#answerFailure(request, exchangeId, error);
    }
  }

  /** "a throw is 5.00 without text": what went wrong is for the log, not for the peer. */
  #answerFailure(request: IncomingRequest, exchangeId: number, error: unknown): void {
    this.#running.delete(exchangeId);
    const isLimit = QueueFullError.is(error);
    const { peer, method } = request;
    if (!isLimit) this.#serving.logger?.error?.({ err: error, peer, method }, 'a request handler failed');
    const code = isLimit ? ResponseCode.ServiceUnavailable : ResponseCode.InternalServerError;
    this.#answer(exchangeId, { code });
  }

  #answer(exchangeId: number, answer: CoapAnswer, request?: IncomingRequest): void {
    const { whenSent } = answer;
    const effects = this.#respond(exchangeId, answer);
    this.#bodies.closeRequest(exchangeId);
    if (whenSent !== undefined && request !== undefined) this.#unsent.set(exchangeId, { request, whenSent });
    this.#driver.consume(effects, true);
  }

  #respond(exchangeId: number, answer: CoapAnswer): Effects<EndpointEvent> {
    // Field by field: what is spread has a shape of its own each time, and every look at it is slow from then on.
    const { code, options, payload, stream } = encodeAnswer(answer);
    const isSendingTold = answer.whenSent !== undefined;
    const body = stream === undefined ? undefined : this.#openBody(exchangeId, stream, answer.payloadSize);
    return this.#core.respond(exchangeId, { code, options, payload, isSendingTold, body }, this.#driver.now());
  }

  #openBody(exchangeId: number, stream: StreamedBody, payloadSize: number | undefined): AnswerBody {
    const isRandomAccess = isBodySource(stream);
    const size = payloadSize ?? (isRandomAccess ? stream.size : undefined);
    this.#bodies.openAnswer(exchangeId, stream, size);
    return { size, isRandomAccess };
  }

  #failBody(exchangeId: number, failure: Failure): void {
    this.#abandon(exchangeId, (peer) => failureError(failure, peer));
  }

  #accept(exchangeId: number): ObserverRelation {
    const known = this.#relations.get(exchangeId);
    if (known !== undefined) return known;
    const effects = this.#core.acceptObserver(exchangeId, this.#driver.now());
    const { limit, observer } = effects;
    if (limit !== undefined) throw new QueueFullError(`${limit} is reached`, { peer: observer.peer, limit });
    const relation = new RelationHandle(exchangeId, this.#commands, observer);
    this.#relations.set(exchangeId, relation);
    this.#driver.consume(effects);
    return relation;
  }

  #notify(relationId: number, content: NotificationContent): void {
    this.#driver.consume(this.#core.notify(relationId, content, this.#driver.now()));
  }

  #endRelation(relationId: number): void {
    this.#relations.delete(relationId);
    this.#driver.consume(this.#core.endRelation(relationId, this.#driver.now()));
  }

  #abandon(exchangeId: number, make: (peer: PeerId) => CoapError): void {
    const request = this.#running.get(exchangeId);
    this.#running.delete(exchangeId);
    if (request === undefined) return;
    const { peer, method } = request;
    const reason = make(peer);
    this.#bodies.failRequest(exchangeId, reason);
    // That peers come and go is no fault of anybody.
    if (!ConnectionLostError.is(reason)) this.#serving.logger?.warn?.({ peer, method }, reason.message);
    request.abandon(reason);
  }

  /** Who waits for `whenSent` learns that it will not come. */
  #loseAnswer(exchangeId: number, make: (peer: PeerId) => CoapError): void {
    const answer = this.#unsent.get(exchangeId);
    this.#unsent.delete(exchangeId);
    answer?.request.abandon(make(answer.request.peer));
  }

  #endHandle(relationId: number, make: (peer: PeerId) => Error): void {
    const relation = this.#relations.get(relationId);
    if (relation === undefined) return;
    this.#relations.delete(relationId);
    relation.finish(make(relation.peer));
  }
}

function endError(reason: RelationEndReason, peer: PeerId): CoapError {
  switch (reason) {
    case 'reset':
      return new ResetError(`${peer} rejected a notification`, { peer });
    case 'timeout':
      return new TimeoutError(`${peer} did not acknowledge a notification`, { peer });
    case 'unreachable':
      return new PeerUnreachableError(`${peer} cannot be reached`, { peer });
    case 'cancelled':
      return new AbortedError(`${peer} cancelled the observation`, { peer });
    case 'replaced':
      return new AbortedError(`${peer} observes anew with the same token`, { peer });
    case 'error-answer':
      return new AbortedError('the answer or notification was not 2.xx', { peer });
  }
}

function guarded(run: () => void, onThrow: (error: unknown) => void): void {
  try {
    run();
  } catch (error) {
    onThrow(error);
  }
}
