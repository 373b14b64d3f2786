import { encodeUtf8, fromHex, toHex } from '@motestack/bytes';
import { seededRandom, seededRandomSource } from '@motestack/testkit';
import { DtlsClient, type DtlsClientEvent, type DtlsClientOptions } from '../client/dtls-client.ts';
import { type AnswerSources, answerWanted } from '../credentials/answer-wanted.ts';
import type { Effects } from '../effects.ts';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { DtlsServer } from '../server/dtls-server.ts';
import type { DtlsServerEvent, DtlsServerOptions } from '../server/server-options.ts';

export const clientAddress = '192.0.2.1:40000';
export const serverAddress = '192.0.2.2:5684';
export const psk = { identity: encodeUtf8('dev-1'), key: fromHex('000102030405060708090a0b0c0d0e0f') };

/** A datagram on its way. */
export interface Passing {
  readonly to: 'client' | 'server';
  /** Where it comes from, or goes to, on the client's side. */
  readonly address: string;
  readonly bytes: Uint8Array;
}

export interface PairOptions {
  readonly seed?: number;
  readonly client?: Partial<DtlsClientOptions>;
  readonly server?: Partial<DtlsServerOptions>;
  /** What the server finds for the identity; `later`: the test answers all that the server wants. */
  readonly key?: Uint8Array | undefined | 'later';
  /** Who signs and judges for the client; what it shows goes into `client`. */
  readonly clientSources?: AnswerSources;
  /** Who signs and judges for the server; what it shows goes into `server`. */
  readonly serverSources?: AnswerSources;
  /** What becomes of a datagram; default: it comes as it is. */
  readonly pass?: (passing: Passing, index: number) => readonly Uint8Array[];
}

/** A client and a server without a network between them: what one sends the other gets, when the test says so. */
export class DtlsPair {
  now = 0;
  readonly client: DtlsClient;
  readonly server: DtlsServer;
  readonly clientEvents: DtlsClientEvent[] = [];
  readonly serverEvents: DtlsServerEvent[] = [];
  /** All datagrams, as they were sent. */
  readonly sent: Passing[] = [];
  address = clientAddress;
  readonly #options: PairOptions;
  readonly #queue: Passing[] = [];
  #clientWakeAt: number | undefined;
  #serverWakeAt: number | undefined;

  constructor(options: PairOptions = {}) {
    this.#options = { key: psk.key, ...options };
    const common = {
      provider: nodeCryptoProvider,
      random: seededRandomSource(seededRandom(options.seed ?? 1)),
    };
    const { clientSources, serverSources } = options;
    this.client = new DtlsClient({
      ...common,
      address: serverAddress,
      psk,
      certificate: clientSources?.certificate,
      peerForms: clientSources?.verifier?.forms,
      ...options.client,
    });
    this.server = new DtlsServer({
      ...common,
      certificate: serverSources?.certificate,
      peerForms: serverSources?.verifier?.forms,
      ...options.server,
    });
  }

  /** Begins a handshake and lets all pass that follows at once. */
  connect(): this {
    this.byClient(this.client.connect(this.now));
    return this.pump();
  }

  /** Takes what the client did. */
  byClient({ transmits, events, wakeAt }: Effects<DtlsClientEvent>): this {
    this.#clientWakeAt = wakeAt;
    this.clientEvents.push(...events);
    for (const { bytes } of transmits) this.#send({ to: 'server', address: this.address, bytes });
    for (const event of events)
      if (event.kind === 'credentialWanted')
        answerWanted(event.wanted, serverAddress, this.#options.clientSources ?? {}, (answer) =>
          this.byClient(this.client.provideCredential(event.request, answer, this.now)),
        );
    return this;
  }

  /** Takes what the server did. */
  byServer({ transmits, events, wakeAt }: Effects<DtlsServerEvent>): this {
    this.#serverWakeAt = wakeAt;
    this.serverEvents.push(...events);
    for (const { address, bytes } of transmits) this.#send({ to: 'client', address, bytes });
    const { key, serverSources } = this.#options;
    for (const event of events) if (event.kind === 'session') this.#keep(event);
    if (key === 'later') return this;
    for (const event of events)
      if (event.kind === 'credentialWanted')
        answerWanted(event.wanted, event.address, { pskOf: () => key, ...serverSources }, (answer) =>
          this.byServer(this.server.provideCredential(event.request, answer, this.now)),
        );
    return this;
  }

  /** Delivers until nothing is on its way. */
  pump(): this {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.deliver(next);
    return this;
  }

  /** Delivers one datagram; one for an address where the client is not is lost. */
  deliver({ to, address, bytes }: Passing): this {
    if (to === 'server') return this.byServer(this.server.handleDatagram(address, bytes, this.now));
    return address === this.address ? this.byClient(this.client.handleDatagram(bytes, this.now)) : this;
  }

  /** Lets time pass, timer by timer. */
  advance(untilMs: number): this {
    for (;;) {
      const at = Math.min(this.#clientWakeAt ?? Infinity, this.#serverWakeAt ?? Infinity);
      if (at > untilMs) break;
      this.now = Math.max(this.now, at);
      if (this.#clientWakeAt === at) this.byClient(this.client.handleTimeout(this.now));
      else this.byServer(this.server.handleTimeout(this.now));
      this.pump();
    }
    this.now = untilMs;
    return this;
  }

  /** Sends a datagram from the client. */
  say(hex: string): this {
    return this.byClient(this.client.send(fromHex(hex), this.now)).pump();
  }

  /** What came out at the server. */
  heard(): string[] {
    return this.serverEvents.flatMap((event) => (event.kind === 'datagram' ? [toHex(event.bytes)] : []));
  }

  /** What the server calls the client, once it is connected. */
  peer(): string {
    const connected = this.serverEvents.findLast((event) => event.kind === 'connected');
    return connected?.kind === 'connected' ? connected.peer : 'nobody';
  }

  #keep({ sessionId, session }: DtlsServerEvent & { kind: 'session' }): void {
    const sessions = this.#options.serverSources?.sessions || undefined;
    if (session === undefined) void sessions?.forget(sessionId);
    else void sessions?.keep(sessionId, session, 86_400_000);
  }

  #send(passing: Passing): void {
    const index = this.sent.length;
    this.sent.push({ ...passing, bytes: passing.bytes.slice() });
    const passed = this.#options.pass?.(passing, index) ?? [passing.bytes];
    for (const bytes of passed) this.#queue.push({ ...passing, bytes });
  }
}

/** The kinds of some events, in order. */
export function kindsOf(events: readonly { readonly kind: string }[]): string[] {
  return events.map(({ kind }) => kind);
}
