import { encodeUtf8 } from '@motestack/bytes';
import { type CoapAnswer, type CoapRequest, parseCode, TimeoutError } from '@motestack/coap';
import type { Path } from '@motestack/model';
import type { ClientOperation } from '../lwm2m-error.ts';
import { type RefusalCode, RequestRefusedError } from '../request-refused-error.ts';
import { answerOperation } from './answer-operation.ts';
import { ResourceWriteError } from './apply-write.ts';
import { CreateHandlerError } from './create-instance.ts';
import { HandlerTimeoutError } from './handler-timeout-error.ts';
import { type Operation, parseOperation } from './operation.ts';
import type { OperationHost } from './operation-host.ts';
import { ResourceReadError } from './read-nodes.ts';

/** What a request is answered with, besides what its operation needs. */
export interface AnswererHost extends Omit<OperationHost, 'observe' | 'afterAnswer'> {
  /** The peer id of the server; others are strangers. */
  readonly peer: string | undefined;
  /** How long answers may take; then the endpoint answers 5.03 in their stead. */
  readonly handlerTimeoutMs: number;
  /** Whether the server has acknowledged the registration; a promise while that is not known yet. */
  registered(): boolean | Promise<boolean>;
  /** Makes the request an observation, unless no more are taken. */
  observe(request: CoapRequest, ...observed: Parameters<OperationHost['observe']>): void;
  /** A handler of the application failed: told to the application; to the server only the code, if it still waits. */
  handlerFailed(operation: ClientOperation, path: Path | undefined, cause: unknown, responseCode?: RefusalCode): void;
}

/**
 * Answers the requests that come from the network on one server's connection.
 *
 * What has to follow an answer (an Update, notifications, a reboot) follows once the answer was handed to the transport.
 */
export class RequestAnswerer {
  readonly #host: AnswererHost;
  readonly #heldMax: number;
  readonly #idle = new Set<() => void>();
  #held = 0;
  #running = 0;

  constructor(host: AnswererHost) {
    this.#host = host;
    this.#heldMax = host.limits.heldRequestsMax;
  }

  /** Settles when no answer is outstanding. */
  idle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.add(resolve));
  }

  /** Answers one request; never rejects. */
  async answer(request: CoapRequest): Promise<CoapAnswer> {
    const ended = this.#begin(request);
    const after: (() => void)[] = [];
    const answer = await this.#answer(request, (run) => {
      after.push(run);
    });
    return {
      ...answer,
      whenSent: () => {
        ended();
        for (const run of after) run();
      },
    };
  }

  async #answer(request: CoapRequest, afterAnswer: OperationHost['afterAnswer']): Promise<CoapAnswer> {
    let operation: Operation | undefined;
    try {
      // Nobody but the server of this account has business here (LwM2M Core 1.1.1 §6.3).
      if (request.peer !== this.#host.peer) throw new RequestRefusedError('4.01', 'not a server of this client');
      await this.#assertRegistered();
      operation = parseOperation(request, this.#host.settings);
      this.#tellIfLate(request, operation);
      const observe: OperationHost['observe'] = (...observed) => this.#host.observe(request, ...observed);
      return await answerOperation(operation, request, operationHost(this.#host, observe, afterAnswer));
    } catch (error) {
      return this.refusal(error, operation?.kind ?? 'Read', operation?.path, !request.signal.aborted);
    }
  }

  /**
   * Turns whatever was thrown into an answer. What the application did not refuse by name is told to it and is a 5.00
   * without a reason for the server; 5.03 if it was not done in time.
   *
   * @param awaited whether the server still gets it
   */
  refusal(error: unknown, operation: ClientOperation, path: Path | undefined, awaited = true): CoapAnswer {
    if (RequestRefusedError.is(error)) return refusalAnswer(error.responseCode, error.message);
    const named = error instanceof ResourceReadError || error instanceof ResourceWriteError;
    const cause = named || error instanceof CreateHandlerError ? error.cause : error;
    if (RequestRefusedError.is(cause)) return refusalAnswer(cause.responseCode, cause.message);
    const responseCode = cause instanceof HandlerTimeoutError ? '5.03' : '5.00';
    this.#host.handlerFailed(operation, named ? error.path : path, cause, awaited ? responseCode : undefined);
    return refusalAnswer(responseCode, '');
  }

  /** The endpoint answers 5.03 by itself when handlers take longer than they may; the application is told why. */
  #tellIfLate({ signal }: CoapRequest, { kind, path }: Operation): void {
    const { handlerTimeoutMs } = this.#host;
    const told = (): void => {
      if (!TimeoutError.is(signal.reason)) return;
      this.#host.handlerFailed(kind, path, new HandlerTimeoutError(handlerTimeoutMs), '5.03');
    };
    signal.addEventListener('abort', told, { once: true });
  }

  /**
   * Requests that come before the registration was acknowledged are not acted on (LwM2M Core 1.1.1 §6.3). They are held
   * until it is, since most often it is the acknowledgement that was lost or overtaken.
   */
  async #assertRegistered(): Promise<void> {
    const registered = this.#host.registered();
    if (registered === true) return;
    if (this.#held >= this.#heldMax) throw new RequestRefusedError('5.03', 'not registered');
    this.#held += 1;
    try {
      if (!(await registered)) throw new RequestRefusedError('5.03', 'not registered');
    } finally {
      this.#held -= 1;
    }
  }

  #begin(request: CoapRequest): () => void {
    this.#running += 1;
    let running = true;
    const ended = (): void => {
      if (!running) return;
      running = false;
      this.#running -= 1;
      if (this.#running > 0) return;
      for (const resolve of this.#idle) resolve();
      this.#idle.clear();
    };
    // Reset, lost or closed: there will be no answer.
    request.signal.addEventListener('abort', ended, { once: true });
    return ended;
  }
}

/** Diagnostic payloads are cut here, so that no answer outgrows a datagram, and are printable ASCII (RFC 7252 §5.5.2). */
const DIAGNOSTIC_LENGTH_MAX = 96;

function refusalAnswer(responseCode: RefusalCode, diagnostic: string): CoapAnswer {
  const code = parseCode(responseCode);
  return diagnostic === ''
    ? { code }
    : { code, payload: encodeUtf8(diagnostic.slice(0, DIAGNOSTIC_LENGTH_MAX).replace(/[^ -~]/g, '?')) };
}

/** Member by member: the host's settings are getters, which a spread would read once. */
function operationHost(
  host: AnswererHost,
  observe: OperationHost['observe'],
  afterAnswer: OperationHost['afterAnswer'],
): OperationHost {
  return {
    tree: host.tree,
    access: host.access,
    attributes: host.attributes,
    transaction: host.transaction,
    limits: host.limits,
    settings: host.settings,
    changeCount: () => host.changeCount(),
    observe,
    afterAnswer,
    changed: (paths) => host.changed(paths),
    instancesChanged: () => host.instancesChanged(),
    attributesChanged: (path) => host.attributesChanged(path),
    execute: (path, run) => host.execute(path, run),
  };
}
