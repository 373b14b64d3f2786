import type { EndpointDriver } from '../endpoint/endpoint-driver.ts';
import type { EndpointEvent } from '../endpoint/endpoint-event.ts';
import type { ServingCore } from '../endpoint/serving-core.ts';
import type { Logger } from '../platform/logger.ts';
import { ResponseCode } from '../wire/index.ts';
import { type BodyFeed, BodyRangeError, openFeed, readFeed } from './body-feed.ts';
import { BodyQueue } from './body-queue.ts';
import type { StreamedBody } from './body-source.ts';

type BodyEvent = Extract<EndpointEvent, { readonly kind: 'body-chunk' | 'body-wanted' | 'body-dropped' }>;

/** The bodies of requests and answers that are streamed, for the server's half of a `CoapEndpoint`. */
export class HandlerBodies {
  readonly #core: ServingCore;
  readonly #driver: EndpointDriver;
  readonly #bufferMax: number;
  readonly #logger: Logger | undefined;
  readonly #requests = new Map<number, BodyQueue>();
  readonly #answers = new Map<number, BodyFeed>();
  #isClosed = false;

  constructor(
    core: ServingCore,
    driver: EndpointDriver,
    init: { readonly bufferMax: number; readonly logger: Logger | undefined },
  ) {
    this.#core = core;
    this.#driver = driver;
    this.#bufferMax = init.bufferMax;
    this.#logger = init.logger;
  }

  /** Opens the body of a request. */
  openRequest(exchangeId: number): AsyncIterable<Uint8Array> {
    const queue = new BodyQueue({
      bufferMax: this.#bufferMax,
      onDemand: () => this.#driver.consume(this.#core.consumeBody(exchangeId, this.#driver.now())),
      onCancel: () => undefined,
    });
    this.#requests.set(exchangeId, queue);
    return queue;
  }

  /** Opens the body of an answer. */
  openAnswer(exchangeId: number, body: StreamedBody, size: number | undefined): void {
    const feed = openFeed(body, size);
    // A handler that comes to its answer when the endpoint is closed: nobody will read it.
    if (this.#isClosed) feed.close();
    else this.#answers.set(exchangeId, feed);
  }

  /** The handler has answered: what is still to come of the request's body is dropped. */
  closeRequest(exchangeId: number): void {
    const queue = this.#requests.get(exchangeId);
    this.#requests.delete(exchangeId);
    queue?.cancel();
  }

  /** No bytes of an answer's body are wanted any more. */
  closeAnswer(exchangeId: number): void {
    const feed = this.#answers.get(exchangeId);
    this.#answers.delete(exchangeId);
    feed?.close();
  }

  /** The rest of a request's body does not come. */
  failRequest(exchangeId: number, error: unknown): void {
    const queue = this.#requests.get(exchangeId);
    this.#requests.delete(exchangeId);
    queue?.fail(error);
  }

  /** Reads no answer any more; the requests have ended. */
  closeAll(): void {
    this.#isClosed = true;
    for (const id of [...this.#requests.keys()]) this.closeRequest(id);
    for (const id of [...this.#answers.keys()]) this.closeAnswer(id);
  }

  /** Takes an event of the core. */
  handleEvent(event: BodyEvent): void {
    const { exchangeId } = event;
    switch (event.kind) {
      case 'body-chunk':
        this.#push(exchangeId, event.payload, event.isLast);
        return;
      case 'body-wanted':
        this.#read(exchangeId, event);
        return;
      case 'body-dropped':
        this.closeAnswer(exchangeId);
    }
  }

  #push(exchangeId: number, payload: Uint8Array, isLast: boolean): void {
    const queue = this.#requests.get(exchangeId);
    if (isLast) this.#requests.delete(exchangeId);
    queue?.push(payload, isLast);
  }

  #read(exchangeId: number, wanted: { readonly offset: number; readonly length: number }): void {
    const feed = this.#answers.get(exchangeId);
    if (feed === undefined) return;
    const { offset } = wanted;
    readFeed(feed, wanted, {
      isWanted: () => this.#answers.get(exchangeId) === feed,
      provide: (part) =>
        this.#driver.consume(this.#core.provideBody(exchangeId, offset, part, this.#driver.now()), true),
      fail: (error) => this.#fail(exchangeId, error),
    });
  }

  /** What went wrong is for the log, not for the peer; that a part is not there is for the peer alone. */
  #fail(exchangeId: number, error: unknown): void {
    const isRange = error instanceof BodyRangeError;
    if (!isRange) this.#logger?.error?.({ err: error }, 'the body of an answer failed');
    const code = isRange ? error.responseCode : ResponseCode.InternalServerError;
    this.#driver.consume(this.#core.failBody(exchangeId, code, this.#driver.now()), true);
  }
}
