import type { Clock, Instant, RandomSource } from '@motestack/coap';
import { seededRandom, seededRandomSource } from './seeded-random.ts';
import type { SimulatedStreamTransport, StreamTransportOptions } from './simulated-stream-transport.ts';
import { SimulatedStreams } from './simulated-streams.ts';
import { SimulatedTransport } from './simulated-transport.ts';
import { VirtualClock } from './virtual-clock.ts';

/** How bad the network is; everything but the seed may be changed while it runs, by `degrade`. */
export interface NetworkFaults {
  /** Probability that a datagram is lost; default 0. */
  readonly loss?: number;
  /** Shortest and longest time on the way, in milliseconds; default 10 and 10. Whatever is drawn, order is kept. */
  readonly delayMs?: readonly [min: number, max: number];
  /** Probability that a datagram comes twice; default 0. */
  readonly duplication?: number;
  /** Probability that a datagram may be overtaken by those sent after it; default 0. */
  readonly reordering?: number;
}

/** What a `SimulatedNetwork` is made of. */
export interface SimulatedNetworkOptions extends NetworkFaults {
  /** One seed, one history. */
  readonly seed: number;
  /** Wall time at instant 0, milliseconds since 1970; default 2026-01-01. */
  readonly epochMs?: number;
}

/** A datagram as `tap` and `drop` see it; `bytes` are a copy. */
export interface SeenDatagram {
  /** Virtual time: of sending for a lost one, of arrival for others. */
  readonly at: Instant;
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array;
}

/** What became of a datagram: `duplicated` is the arrival of the second copy, `unreachable` that nobody listened. */
export type DatagramFate = 'delivered' | 'lost' | 'duplicated' | 'unreachable';

/** One line of the network's history. */
export interface TapEvent extends SeenDatagram {
  readonly fate: DatagramFate;
}

interface Binding {
  readonly transport: SimulatedTransport;
  address: string;
}

const DEFAULT_FAULTS: Required<NetworkFaults> = { loss: 0, delayMs: [10, 10], duplication: 0, reordering: 0 };

/** Virtual time that `settle` waits before it gives up: ten minutes. */
const SETTLE_LIMIT_MS = 600_000;

/** What is lost of a stream is sent again after so long, and twice as long each time (RFC 6298 §2). */
const STREAM_RESEND_MS = 1000;

/** A reordered datagram comes up to so many times the longest delay later. */
const REORDERING_SPAN = 4;

/**
 * A network, its sockets and its time, in one process: datagrams are lost, delayed, doubled and reordered by one seed,
 * and time moves only in `run` and `settle`.
 *
 * @example
 * const network = new SimulatedNetwork({ seed: 1, loss: 0.3 });
 * const server = network.transport('10.0.0.1:5683');
 * const device = network.transport('10.0.0.2:5683', { remote: '10.0.0.1:5683' });
 * await network.run(60_000);
 */
export class SimulatedNetwork {
  /** Virtual time, for façades. */
  readonly clock: Clock;
  /** Random bytes by the seed, for façades. */
  readonly randomSource: RandomSource;
  readonly #clock: VirtualClock;
  readonly #chance: () => number;
  readonly #random: () => number;
  readonly #bindings = new Map<string, Binding>();
  readonly #addresses = new Map<SimulatedTransport, Binding>();
  /** Addresses that NAT took away: silence, not "unreachable". */
  readonly #forsaken = new Set<string>();
  readonly #lastArrivals = new Map<string, Instant>();
  readonly #streams: SimulatedStreams;
  readonly #taps = new Set<(event: TapEvent) => void>();
  readonly #drops = new Set<(datagram: SeenDatagram) => boolean>();
  #faults: Required<NetworkFaults>;
  #running = false;
  #inFlight = 0;
  #nextPort = 49_152;

  constructor(options: SimulatedNetworkOptions) {
    this.#clock = new VirtualClock(options.epochMs);
    this.clock = this.#clock;
    this.#chance = seededRandom(options.seed, 1);
    this.#random = seededRandom(options.seed, 2);
    this.randomSource = seededRandomSource(seededRandom(options.seed, 3));
    this.#faults = resolveFaults(DEFAULT_FAULTS, options);
    this.#streams = new SimulatedStreams({
      now: () => this.#clock.now(),
      deliver: (at, run) => this.#clock.deliver(at, run),
      delay: () => this.#streamDelay(),
      nextPort: () => this.#nextPort++,
    });
  }

  /** One draw from [0, 1) for the test itself; it does not disturb the network's own chances. */
  random(): number {
    return this.#random();
  }

  /**
   * Opens a socket.
   *
   * @param address such as `10.0.0.1:5683` or `[2001:db8::1]:5683`; port 0 takes a free one
   * @param options `remote`: the transport is connected, takes datagrams of that peer alone and hears `unreachable`
   */
  transport(address: string, options: { readonly remote?: string } = {}): SimulatedTransport {
    const full = address.endsWith(':0') ? `${address.slice(0, -1)}${this.#nextPort++}` : address;
    const wires = {
      send: (from: SimulatedTransport, to: string, bytes: Uint8Array) => this.#send(from, to, bytes),
      release: (transport: SimulatedTransport) => this.#release(transport),
    };
    const transport = new SimulatedTransport(wires, full, options.remote);
    const binding = { transport, address: full };
    this.#bind(binding, full);
    this.#addresses.set(transport, binding);
    return transport;
  }

  /**
   * Opens sockets for connections: those of a server, or with `remote` the one of a client, which connects when it is
   * told to. Delay and loss hold for them as for datagrams, only that what is lost comes later.
   *
   * @param address as for `transport`; a client has another port for every connection
   */
  streamTransport(address: string, options: StreamTransportOptions = {}): SimulatedStreamTransport {
    return this.#streams.transport(address, options);
  }

  /** Connections that are there, or not gone from both ends yet. */
  get connections(): number {
    return this.#streams.connectionCount;
  }

  /** Gives a transport another address, as a NAT does after a pause: what is sent to the old one vanishes. */
  rebind(transport: SimulatedTransport, newAddress: string): void {
    const binding = this.#addresses.get(transport);
    if (binding === undefined) throw new Error(`the transport at ${transport.localUrl} is closed`);
    const old = binding.address;
    this.#bind(binding, newAddress);
    this.#bindings.delete(old);
    this.#forsaken.add(old);
  }

  /** Changes how bad the network is, for datagrams sent from now on. */
  degrade(faults: NetworkFaults): void {
    this.#faults = resolveFaults(this.#faults, faults);
  }

  /**
   * Loses every datagram that `when` says, on top of chance: one address, one direction, the second answer.
   *
   * @returns ends it
   */
  drop(when: (datagram: SeenDatagram) => boolean): () => void {
    this.#drops.add(when);
    return () => this.#drops.delete(when);
  }

  /**
   * Tells `listener` what becomes of every datagram, before it is delivered.
   *
   * @returns ends it
   */
  tap(listener: (event: TapEvent) => void): () => void {
    this.#taps.add(listener);
    return () => this.#taps.delete(listener);
  }

  /** Timers that were scheduled and neither ran nor were cancelled: 0 when everything is closed. */
  get pendingTimers(): number {
    return this.#clock.pendingTimers;
  }

  /** Datagrams on their way. */
  get datagramsInFlight(): number {
    return this.#inFlight;
  }

  /** Transports that were not closed. */
  get openTransports(): number {
    return this.#addresses.size + this.#streams.openTransports;
  }

  /**
   * Advances virtual time to the instant `untilMs`, event by event; promises settle before, between and after.
   *
   * @throws whatever a receiver or timer threw
   */
  async run(untilMs: Instant): Promise<void> {
    await this.#exclusively(async () => {
      await this.#pump(untilMs, () => false);
      this.#clock.advanceTo(untilMs);
    });
  }

  /**
   * Runs until `promise` settles, and not an event longer.
   *
   * @param limitMs virtual time that it may take; default ten minutes
   * @throws what `promise` rejects with, or an error when the limit passed or nothing is left to happen
   */
  async settle<T>(promise: Promise<T>, limitMs: number = SETTLE_LIMIT_MS): Promise<T> {
    let settled = false;
    const markSettled = (): void => {
      settled = true;
    };
    promise.then(markSettled, markSettled);
    await this.#exclusively(() => this.#pump(this.#clock.now() + limitMs, () => settled));
    if (!settled) {
      const idle = this.#clock.nextAt() === undefined;
      const why = idle ? 'nothing is left to happen' : `${limitMs} ms of virtual time passed`;
      throw new Error(`the promise did not settle: ${why} (now ${this.#clock.now()} ms)`);
    }
    return promise;
  }

  async #exclusively(work: () => Promise<void>): Promise<void> {
    if (this.#running) throw new Error('the network runs already: await one promise at a time, or settle Promise.all');
    this.#running = true;
    try {
      await work();
    } finally {
      this.#running = false;
    }
  }

  async #pump(until: Instant, isDone: () => boolean): Promise<void> {
    for (;;) {
      await this.#clock.settlePromises();
      const next = this.#clock.nextAt();
      if (isDone() || next === undefined || next > until) return;
      this.#clock.step();
    }
  }

  #bind(binding: Binding, address: string): void {
    if (!/^(?:[^:[\]]+|\[[0-9a-f:.]+\]):\d{1,5}$/.test(address))
      throw new Error(`not an address with a port: ${address}`);
    if (this.#bindings.has(address)) throw new Error(`the address ${address} is in use`);
    this.#bindings.set(address, binding);
    this.#forsaken.delete(address);
    binding.address = address;
  }

  #release(transport: SimulatedTransport): void {
    const binding = this.#addresses.get(transport);
    if (binding === undefined) return;
    this.#addresses.delete(transport);
    this.#bindings.delete(binding.address);
  }

  #send(transport: SimulatedTransport, to: string, bytes: Uint8Array): void {
    const from = this.#addresses.get(transport)?.address;
    if (from === undefined) return;
    if (transport.remote !== undefined && to !== transport.remote) {
      this.#clock.deliver(this.#clock.now(), () => transport.reportUnreachable(to));
      return;
    }
    const { loss, duplication } = this.#faults;
    // The same draws for every datagram, so that one fault more does not change all that follows.
    const isLost = this.#chance() < loss;
    const arrival = this.#arrival(from, to);
    const isDuplicated = this.#chance() < duplication;
    const second = arrival + 1 + this.#delay();
    if (isLost || this.#isDropped({ at: this.#clock.now(), from, to, bytes: bytes.slice() })) {
      this.#tell('lost', from, to, bytes);
      return;
    }
    this.#deliver(arrival, 'delivered', { from, to, bytes });
    if (isDuplicated) this.#deliver(second, 'duplicated', { from, to, bytes: bytes.slice() });
  }

  #isDropped(datagram: SeenDatagram): boolean {
    // Every rule sees every datagram: a rule may count.
    let isDropped = false;
    for (const when of this.#drops) isDropped = when(datagram) || isDropped;
    return isDropped;
  }

  #delay(): number {
    const [min, max] = this.#faults.delayMs;
    return min + Math.floor(this.#chance() * (max - min + 1));
  }

  #streamDelay(): number {
    let delay = this.#delay();
    for (let wait = STREAM_RESEND_MS; this.#chance() < this.#faults.loss; wait *= 2) delay += wait + this.#delay();
    return delay;
  }

  #arrival(from: string, to: string): Instant {
    const way = `${from} ${to}`;
    const arrival = this.#clock.now() + this.#delay();
    const isReordered = this.#chance() < this.#faults.reordering;
    const lateness = 1 + Math.floor(this.#chance() * REORDERING_SPAN * Math.max(this.#faults.delayMs[1], 1));
    if (isReordered) return arrival + lateness;
    const inOrder = Math.max(arrival, this.#lastArrivals.get(way) ?? 0);
    this.#lastArrivals.set(way, inOrder);
    return inOrder;
  }

  #deliver(at: Instant, fate: DatagramFate, datagram: { from: string; to: string; bytes: Uint8Array }): void {
    this.#inFlight++;
    this.#clock.deliver(at, () => {
      this.#inFlight--;
      this.#arrive(fate, datagram);
    });
  }

  #arrive(fate: DatagramFate, { from, to, bytes }: { from: string; to: string; bytes: Uint8Array }): void {
    const binding = this.#bindings.get(to);
    if (binding !== undefined) {
      this.#tell(fate, from, to, bytes);
      binding.transport.receive(from, bytes);
      return;
    }
    if (this.#forsaken.has(to)) {
      this.#tell('lost', from, to, bytes);
      return;
    }
    this.#tell('unreachable', from, to, bytes);
    this.#clock.deliver(this.#clock.now() + this.#faults.delayMs[0], () =>
      this.#bindings.get(from)?.transport.reportUnreachable(to),
    );
  }

  #tell(fate: DatagramFate, from: string, to: string, bytes: Uint8Array): void {
    for (const tap of this.#taps) tap({ at: this.#clock.now(), from, to, bytes: bytes.slice(), fate });
  }
}

function resolveFaults(current: Required<NetworkFaults>, changes: NetworkFaults): Required<NetworkFaults> {
  const { loss = current.loss, duplication = current.duplication, reordering = current.reordering } = changes;
  const { delayMs = current.delayMs } = changes;
  for (const probability of [loss, duplication, reordering])
    if (!(probability >= 0 && probability <= 1)) throw new RangeError(`not a probability: ${probability}`);
  if (!(delayMs[0] >= 0 && delayMs[1] >= delayMs[0]))
    throw new RangeError(`not a range of delays: ${delayMs.join('–')}`);
  return { loss, delayMs, duplication, reordering };
}
