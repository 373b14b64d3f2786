import {
  type AskedContent,
  aborted,
  type BodyEvent,
  type Call,
  type CallStreams,
  type ClientCalls,
  withStackOf,
} from '../client/client-calls.ts';
import { encodeRequestInit } from '../client/coap-request-init.ts';
import type { PeerId } from '../effects.ts';
import type { BodyTransfers } from '../endpoint/body-transfers.ts';
import type { EndpointCore } from '../endpoint/endpoint-core.ts';
import type { EndpointDriver } from '../endpoint/endpoint-driver.ts';
import type { EndpointStep } from '../endpoint/endpoint-event.ts';
import type { CoapError } from '../errors.ts';
import { type BodyFeed, openFeed, readFeed } from './body-feed.ts';
import { BodyQueue } from './body-queue.ts';

/** A response body that comes chunk by chunk. */
interface Download extends Pick<Call, 'peer' | 'site'> {
  readonly queue: BodyQueue;
  /** Takes the listener off the caller's signal. */
  readonly release: () => void;
}

/** The bodies of requests and responses that are streamed, for the calls of a client. */
export class ClientBodies implements CallStreams {
  readonly #core: EndpointCore;
  readonly #driver: EndpointDriver;
  readonly #calls: ClientCalls;
  readonly #bufferMax: number;
  readonly #uploads = new Map<number, BodyFeed>();
  readonly #downloads = new Map<number, Download>();

  /** @param bufferMax so many bytes of a response wait for their reader */
  constructor(core: EndpointCore, driver: EndpointDriver, calls: ClientCalls, bufferMax: number) {
    this.#core = core;
    this.#driver = driver;
    this.#calls = calls;
    this.#bufferMax = bufferMax;
  }

  get count(): number {
    return this.#downloads.size;
  }

  encode({ purpose, init, options: { responseBody } }: Call): AskedContent {
    const { isConfirmable, code, options, payload, upload, payloadSize, startBlock, stream } = encodeRequestInit(init);
    const streamsResponse = purpose === 'request' && responseBody === 'stream';
    // Of a body that goes on from a block only the rest comes: its length is not the one that is told.
    const size = (startBlock ?? 0) > 0 ? undefined : init.payloadSize;
    const open = stream && ((id: number) => void this.#uploads.set(id, openFeed(stream, size)));
    return { isConfirmable, code, options, payload, upload, payloadSize, startBlock, streamsResponse, open };
  }

  close(id: number): void {
    this.#uploads.get(id)?.close();
    this.#uploads.delete(id);
  }

  /** From now on the caller's signal ends the reading of the body. */
  openDownload(id: number, { peer, site, options }: Call): AsyncIterable<Uint8Array> {
    const { signal } = options;
    const onAbort = (): void => {
      this.#abandon(id);
      this.#failDownload(id, withStackOf(site, aborted(peer, signal?.reason)));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const queue = new BodyQueue({
      bufferMax: this.#bufferMax,
      onDemand: () => this.#command((transfers, step) => transfers.consumeDownload(id, step)),
      onCancel: () => {
        this.#closeDownload(id);
        this.#abandon(id);
      },
    });
    const release = (): void => signal?.removeEventListener('abort', onAbort);
    this.#downloads.set(id, { peer, site, queue, release });
    return queue;
  }

  refuseDownload(id: number): void {
    this.#closeDownload(id);
    this.#abandon(id);
  }

  handleEvent(event: BodyEvent): void {
    if (event.kind === 'upload-wanted') this.#read(event.id, event);
    else this.#push(event.id, event.payload, event.isLast);
  }

  fail(id: number, make: (peer: PeerId) => CoapError): void {
    const download = this.#downloads.get(id);
    if (download !== undefined) this.#failDownload(id, withStackOf(download.site, make(download.peer)));
  }

  failAll(make: (peer: PeerId) => CoapError): void {
    for (const id of [...this.#uploads.keys()]) this.close(id);
    for (const id of [...this.#downloads.keys()]) this.fail(id, make);
  }

  #failDownload(id: number, error: unknown): void {
    const download = this.#downloads.get(id);
    this.#closeDownload(id);
    download?.queue.fail(error);
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

  #read(id: number, wanted: { readonly offset: number; readonly length: number }): void {
    const feed = this.#uploads.get(id);
    if (feed === undefined) return;
    readFeed(feed, wanted, {
      isWanted: () => this.#uploads.get(id) === feed,
      provide: (part) => this.#command((transfers, step) => transfers.provideUpload(id, part, step)),
      fail: (error) => this.#calls.end(id, error),
    });
  }

  #abandon(id: number): void {
    this.#driver.consume(this.#core.abandon(id, this.#driver.now()));
  }

  #command(act: (transfers: BodyTransfers, step: EndpointStep) => void): void {
    const { transfers } = this.#core;
    if (transfers === undefined) throw new TypeError('nothing cuts and joins bodies here');
    this.#driver.consume(this.#core.run(this.#driver.now(), (step) => act(transfers, step)));
  }
}
