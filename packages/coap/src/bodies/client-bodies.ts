import type { BodyPart } from '../block/outgoing-body.ts';
import type { EndpointCore } from '../endpoint/endpoint-core.ts';
import type { EndpointDriver } from '../endpoint/endpoint-driver.ts';
import type { EndpointEvent } from '../endpoint/endpoint-event.ts';
import { type BodyFeed, openFeed } from './body-feed.ts';
import { BodyQueue } from './body-queue.ts';
import type { StreamedBody } from './body-source.ts';

type BodyEvent = Extract<EndpointEvent, { readonly kind: 'upload-wanted' | 'download-chunk' }>;

/** A response body that comes chunk by chunk. */
interface Download {
  readonly queue: BodyQueue;
  /** Takes the listener off the caller's signal. */
  readonly release: () => void;
}

/** The bodies of requests and responses that are streamed, for the client's half of a `CoapEndpoint`. */
export class ClientBodies {
  readonly #core: EndpointCore;
  readonly #driver: EndpointDriver;
  readonly #bufferMax: number;
  readonly #uploads = new Map<number, BodyFeed>();
  readonly #downloads = new Map<number, Download>();
  /** Ends a request with what its producer threw. */
  readonly #onUploadError: (id: number, error: unknown) => void;

  constructor(
    core: EndpointCore,
    driver: EndpointDriver,
    init: { readonly bufferMax: number; readonly onUploadError: (id: number, error: unknown) => void },
  ) {
    this.#core = core;
    this.#driver = driver;
    this.#bufferMax = init.bufferMax;
    this.#onUploadError = init.onUploadError;
  }

  /** How many response bodies are not whole yet. */
  get count(): number {
    return this.#downloads.size;
  }

  /** Opens the body of a request. */
  openUpload(id: number, body: StreamedBody, size: number | undefined): void {
    this.#uploads.set(id, openFeed(body, size));
  }

  /** A request is over: no more is read. */
  closeUpload(id: number): void {
    this.#uploads.get(id)?.close();
    this.#uploads.delete(id);
  }

  /** Opens the body of a response; `release` is called when it is whole, or failed, or nobody wants it. */
  openDownload(id: number, release: () => void): AsyncIterable<Uint8Array> {
    const queue = new BodyQueue({
      bufferMax: this.#bufferMax,
      onDemand: () => this.#driver.consume(this.#core.consumeDownload(id, this.#driver.now())),
      onCancel: () => {
        this.#closeDownload(id);
        this.#driver.consume(this.#core.abandon(id, this.#driver.now()));
      },
    });
    this.#downloads.set(id, { queue, release });
    return queue;
  }

  /** Takes an event of the core. */
  handleEvent(event: BodyEvent): void {
    if (event.kind === 'upload-wanted') this.#read(event.id, event.offset, event.length);
    else this.#push(event.id, event.payload, event.isLast);
  }

  /** The rest of a response does not come. @returns `false`: no response of this number is being read */
  failDownload(id: number, error: unknown): boolean {
    const download = this.#downloads.get(id);
    if (download === undefined) return false;
    this.#closeDownload(id);
    download.queue.fail(error);
    return true;
  }

  /** Ends everything. */
  failAll(errorOf: (id: number) => unknown): void {
    for (const id of [...this.#uploads.keys()]) this.closeUpload(id);
    for (const id of [...this.#downloads.keys()]) this.failDownload(id, errorOf(id));
  }

  #push(id: number, payload: Uint8Array, isLast: boolean): void {
    const download = this.#downloads.get(id);
    if (isLast) this.#closeDownload(id);
    download?.queue.push(payload, isLast);
  }

  #closeDownload(id: number): void {
    const download = this.#downloads.get(id);
    this.#downloads.delete(id);
    download?.release();
  }

  #read(id: number, offset: number, length: number): void {
    const feed = this.#uploads.get(id);
    if (feed === undefined) return;
    const provide = (part: BodyPart): void => {
      if (this.#uploads.get(id) === feed) this.#driver.consume(this.#core.provideUpload(id, part, this.#driver.now()));
    };
    const onError = (error: unknown): void => {
      if (this.#uploads.get(id) === feed) this.#onUploadError(id, error);
    };
    let part: BodyPart | Promise<BodyPart>;
    try {
      part = feed.read(offset, length);
    } catch (error) {
      onError(error);
      return;
    }
    if ('then' in part) part.then(provide).catch(onError);
    else provide(part);
  }
}
