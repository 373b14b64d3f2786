import { DeadlineHeap, type Instant, type PeerId, type Timer } from '../effects.ts';
import type { MessageCounters } from './message-counters.ts';
import type { NonConfirmableParameters, PlainLayerParameters } from './message-layer-parameters.ts';
import type { MessageStep } from './plain-transmissions.ts';

/** A Non-confirmable request, encoded but for its message ID. */
export interface Probe<Context> {
  readonly peer: PeerId;
  readonly bytes: Uint8Array;
  readonly token: Uint8Array;
  readonly context: Context;
  /** Whether the event `sent` is wanted. */
  readonly isSendingTold?: boolean | undefined;
}

/** What `Probes` works with. */
export interface ProbesSurroundings<Context> {
  readonly parameters: PlainLayerParameters & NonConfirmableParameters;
  readonly counters: MessageCounters;
  /** Gives a message its ID and sends it. */
  readonly launch: (probe: Probe<Context>, step: MessageStep<Context>) => void;
}

interface WaitingProbe<Context> extends Probe<Context> {
  readonly giveUpAt: Instant;
}

/** A peer that was sent Non-confirmable requests and was not heard since. */
interface ProbedPeer<Context> extends Timer {
  readonly id: PeerId;
  /** Bytes that were sent and are not made up for by time, at `levelAt`. */
  level: number;
  levelAt: Instant;
  /** Oldest first. */
  readonly waiting: WaitingProbe<Context>[];
}

/**
 * Non-confirmable requests: nothing tells that they arrive but an answer, so to a peer that is silent they go at
 * PROBING_RATE on average. `probingBytesMax` may go at once; what is more waits.
 *
 * @see RFC 7252 §4.7
 */
export class Probes<Context extends object> {
  readonly #parameters: PlainLayerParameters & NonConfirmableParameters;
  readonly #counters: MessageCounters;
  readonly #launch: ProbesSurroundings<Context>['launch'];
  readonly #peers = new Map<PeerId, ProbedPeer<Context>>();
  readonly #byContext = new Map<Context, ProbedPeer<Context>>();
  readonly #timers = new DeadlineHeap<ProbedPeer<Context>>();

  constructor(surroundings: ProbesSurroundings<Context>) {
    this.#parameters = surroundings.parameters;
    this.#counters = surroundings.counters;
    this.#launch = surroundings.launch;
  }

  /** When `handleTimeout` is to be called. */
  get nextAt(): Instant | undefined {
    return this.#timers.nextAt;
  }

  /** How many requests wait. */
  get count(): number {
    return this.#byContext.size;
  }

  /** How many peers were sent to and not heard since. */
  get peerCount(): number {
    return this.#peers.size;
  }

  /** Sends a request, or lets it wait. */
  send(probe: Probe<Context>, step: MessageStep<Context>): void {
    const peer = this.#peerOf(probe.peer, step.now);
    const { queueMax, queueWaitMaxMs } = this.#parameters;
    if (peer === undefined) {
      this.#counters.peersFull++;
      step.events.push({ kind: 'refused', context: probe.context, limit: 'peersMax' });
      return;
    }
    const mustWait = peer.waiting.length > 0 || this.#freeAt(peer, probe.bytes.length, step.now) > step.now;
    if (mustWait && peer.waiting.length >= queueMax) {
      this.#counters.queueFull++;
      step.events.push({ kind: 'refused', context: probe.context, limit: 'queueMax' });
      return;
    }
    if (mustWait) {
      this.#counters.probesDelayed++;
      peer.waiting.push({ ...probe, giveUpAt: step.now + queueWaitMaxMs });
      this.#byContext.set(probe.context, peer);
    } else {
      this.#spend(peer, probe, step);
    }
    this.#arm(peer, step.now);
  }

  /**
   * Ends the waiting of a request.
   *
   * @returns `false` if nothing of this context waits
   */
  stop(context: Context): boolean {
    const peer = this.#byContext.get(context);
    if (peer === undefined) return false;
    this.#byContext.delete(context);
    const index = peer.waiting.findIndex((probe) => probe.context === context);
    peer.waiting.splice(index, 1);
    return true;
  }

  /** Something came from a peer: it is not silent, and what waits for it goes. */
  heard(peerId: PeerId, step: MessageStep<Context>): void {
    if (this.#peers.size === 0) return;
    const peer = this.#peers.get(peerId);
    if (peer === undefined) return;
    peer.level = 0;
    this.#pump(peer, step);
    this.#arm(peer, step.now);
  }

  /** Ends what waits for a peer that cannot be reached. */
  failPeer(peerId: PeerId, step: MessageStep<Context>): void {
    for (const { context } of this.#peers.get(peerId)?.waiting.splice(0) ?? []) {
      this.#byContext.delete(context);
      this.#counters.transmissionsGivenUp++;
      step.events.push({ kind: 'gave-up', context, reason: 'unreachable' });
    }
  }

  /** Does what is due, for at most `workPerStepMax` peers. */
  handleTimeout(step: MessageStep<Context>): void {
    for (let work = 0; work < this.#parameters.workPerStepMax; work++) {
      const peer = this.#timers.takeDue(step.now);
      if (peer === undefined) return;
      this.#pump(peer, step);
      this.#giveUpOverdue(peer, step);
      this.#arm(peer, step.now);
    }
  }

  #pump(peer: ProbedPeer<Context>, step: MessageStep<Context>): void {
    for (;;) {
      const [first] = peer.waiting;
      if (first === undefined || this.#freeAt(peer, first.bytes.length, step.now) > step.now) return;
      peer.waiting.shift();
      this.#byContext.delete(first.context);
      this.#spend(peer, first, step);
    }
  }

  #giveUpOverdue(peer: ProbedPeer<Context>, step: MessageStep<Context>): void {
    for (;;) {
      const [first] = peer.waiting;
      if (first === undefined || first.giveUpAt > step.now) return;
      peer.waiting.shift();
      this.#byContext.delete(first.context);
      this.#counters.transmissionsGivenUp++;
      step.events.push({ kind: 'gave-up', context: first.context, reason: 'queue-timeout' });
    }
  }

  #spend(peer: ProbedPeer<Context>, probe: Probe<Context>, step: MessageStep<Context>): void {
    peer.level = this.#levelOf(peer, step.now) + probe.bytes.length;
    peer.levelAt = step.now;
    this.#launch(probe, step);
  }

  #levelOf({ level, levelAt }: ProbedPeer<Context>, now: Instant): number {
    return Math.max(0, level - ((now - levelAt) * this.#parameters.probingRateBytesPerSecond) / 1000);
  }

  /** When so many bytes may be sent. What is longer than `probingBytesMax` may go when all before it is made up for. */
  #freeAt(peer: ProbedPeer<Context>, length: number, now: Instant): Instant {
    const { probingBytesMax, probingRateBytesPerSecond } = this.#parameters;
    const allowed = Math.max(0, probingBytesMax - length);
    const excess = this.#levelOf(peer, now) - allowed;
    return excess <= 0 ? now : now + Math.ceil((excess * 1000) / probingRateBytesPerSecond);
  }

  /** Sets the timer for what comes next; a peer about which nothing is left to know is forgotten. */
  #arm(peer: ProbedPeer<Context>, now: Instant): void {
    const [first] = peer.waiting;
    const level = this.#levelOf(peer, now);
    if (first === undefined && level <= 0) {
      this.#peers.delete(peer.id);
      this.#timers.remove(peer);
      return;
    }
    peer.deadline =
      first === undefined
        ? now + Math.ceil((level * 1000) / this.#parameters.probingRateBytesPerSecond)
        : Math.min(first.giveUpAt, this.#freeAt(peer, first.bytes.length, now));
    this.#timers.arm(peer);
  }

  #peerOf(id: PeerId, now: Instant): ProbedPeer<Context> | undefined {
    const known = this.#peers.get(id);
    if (known !== undefined) return known;
    if (this.#peers.size >= this.#parameters.peersMax) return undefined;
    const peer = { id, level: 0, levelAt: now, waiting: [], deadline: now, heapIndex: -1 };
    this.#peers.set(id, peer);
    return peer;
  }
}
