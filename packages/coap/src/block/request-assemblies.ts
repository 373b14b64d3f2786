import { DeadlineHeap, type Instant, type PeerId, type Timer } from '../effects.ts';
import { type Block, blockOffset, type Option } from '../wire/index.ts';
import type { BlockCounters } from './block-counters.ts';
import { sameValue } from './block-option.ts';
import type { BlockParameters } from './block-parameters.ts';
import { BodyBuffer } from './body-buffer.ts';

/** A request body that comes block after block. */
class Assembly implements Timer {
  deadline: Instant = 0;
  heapIndex = -1;
  readonly key: string;
  readonly peer: PeerId;
  /** What is here; of a body that is passed on, nothing is kept. */
  readonly buffer = new BodyBuffer();
  /** Those of the first block. */
  readonly options: readonly Option[];
  /** The name of a body that is passed on block by block. */
  readonly streamId: number | undefined;
  /** How many bytes came. */
  received = 0;
  /** The latest block of a body that is passed on. */
  latest: Uint8Array | undefined;

  constructor({ key, peer, options, streamId }: RequestBlock) {
    this.key = key;
    this.peer = peer;
    this.options = options;
    this.streamId = streamId;
  }

  /** Whether a block is here already, with the same bytes. */
  holds(offset: number, payload: Uint8Array): boolean {
    const { latest } = this;
    if (latest === undefined) return this.buffer.holds(offset, payload);
    return offset + latest.length === this.received && sameValue(latest, payload);
  }
}

/** One block of a request. */
export interface RequestBlock {
  /** Which operation it belongs to: see `operationKey`. */
  readonly key: string;
  readonly peer: PeerId;
  readonly block: Block;
  readonly payload: Uint8Array;
  readonly options: readonly Option[];
  /** For number 0 of a body that is passed on block by block: the name of that. */
  readonly streamId?: number | undefined;
}

/** Why a body that was passed on ends before its end. */
export type StreamEnd = 'replaced' | 'evicted' | 'expired';

/**
 * What a block makes of its body: `continue` is 2.31, `incomplete` 4.08, `too-large` 4.13, `full` 5.03. `chunk`: it is to
 * be passed on; `again`: it was passed on already.
 */
export type AssemblyOutcome =
  | { readonly kind: 'chunk'; readonly streamId: number; readonly payload: Uint8Array; readonly isLast: boolean }
  | { readonly kind: 'again'; readonly streamId: number }
  | { readonly kind: 'continue' | 'incomplete' | 'too-large' | 'full' }
  | { readonly kind: 'whole'; readonly payload: Uint8Array; readonly firstOptions: readonly Option[] };

/**
 * The request bodies that are assembled, one for each operation of a peer: never by token, since every block may have
 * its own.
 *
 * @see RFC 7959 §2.5
 */
export class RequestAssemblies {
  readonly #parameters: BlockParameters;
  readonly #lifetimeMs: number;
  readonly #counters: BlockCounters;
  readonly #byKey = new Map<string, Assembly>();
  /** In the order in which they began. */
  readonly #byPeer = new Map<PeerId, Set<Assembly>>();
  readonly #timers = new DeadlineHeap<Assembly>();
  #heldBytes = 0;
  /** Bodies that were passed on and will not be whole; they are told at the end of the step. */
  #ended: { readonly streamId: number; readonly reason: StreamEnd }[] = [];

  /** @param lifetimeMs how long the next block is waited for: EXCHANGE_LIFETIME */
  constructor(parameters: BlockParameters, lifetimeMs: number, counters: BlockCounters) {
    this.#parameters = parameters;
    this.#lifetimeMs = lifetimeMs;
    this.#counters = counters;
  }

  /** Takes which bodies that were passed on have ended before their end. */
  takeEnded(): readonly { readonly streamId: number; readonly reason: StreamEnd }[] {
    const ended = this.#ended;
    if (ended.length > 0) this.#ended = [];
    return ended;
  }

  /** Forgets a body that is passed on: nobody wants the rest. */
  dropStream(streamId: number): void {
    for (const assembly of this.#byKey.values()) {
      if (assembly.streamId === streamId) this.#remove(assembly);
    }
  }

  /** How many bodies are assembled. */
  get count(): number {
    return this.#byKey.size;
  }

  /** The memory that they hold, in bytes. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  get nextAt(): Instant | undefined {
    return this.#timers.nextAt;
  }

  /**
   * Takes a block.
   *
   * @param sizeHint what the peer says of the length of the whole
   */
  take(part: RequestBlock, sizeHint: number | undefined, now: Instant): AssemblyOutcome {
    const { block, key, payload } = part;
    let assembly = this.#byKey.get(key);
    if (block.blockNumber === 0) {
      if (assembly !== undefined) {
        // "Starting a new block-wise sequence of requests to the same resource … simply overwrites the context"
        // (RFC 7959 §2.5).
        this.#counters.assembliesReplaced++;
        this.#drop(assembly, 'replaced');
      }
      if (!block.more) return { kind: 'whole', payload, firstOptions: part.options };
      const least = Math.max(sizeHint ?? 0, payload.length + 1);
      if (part.streamId === undefined && least > this.#parameters.bodyBytesMax) return this.#tooLarge();
      assembly = this.#open(part);
      if (assembly === undefined) return { kind: 'full' };
    } else if (assembly === undefined) return this.#incomplete();
    const offset = blockOffset(block);
    if (offset !== assembly.received) {
      // A block that is here already, in a message of its own: it is acknowledged again.
      const isHere = block.more && assembly.holds(offset, payload);
      if (!isHere) return this.#incomplete();
      return assembly.streamId === undefined ? { kind: 'continue' } : { kind: 'again', streamId: assembly.streamId };
    }
    const { streamId } = assembly;
    return streamId === undefined ? this.#append(assembly, part, now) : this.#pass(assembly, streamId, part, now);
  }

  /** Forgets what waited too long for its next block, at most `workMax` bodies. */
  handleTimeout(workMax: number, now: Instant): void {
    for (let work = 0; work < workMax; work++) {
      const assembly = this.#timers.takeDue(now);
      if (assembly === undefined) return;
      this.#counters.assembliesExpired++;
      this.#drop(assembly, 'expired');
    }
  }

  #pass(assembly: Assembly, streamId: number, { block, payload }: RequestBlock, now: Instant): AssemblyOutcome {
    assembly.received += payload.length;
    // Its bytes are those of a datagram that lives for long in any case: the asker has them, too.
    assembly.latest = payload;
    assembly.deadline = now + this.#lifetimeMs;
    if (block.more) this.#timers.arm(assembly);
    else this.#remove(assembly);
    return { kind: 'chunk', streamId, payload, isLast: !block.more };
  }

  #append(assembly: Assembly, { block, payload }: RequestBlock, now: Instant): AssemblyOutcome {
    const { buffer } = assembly;
    // More to come is at least one byte.
    const least = buffer.length + payload.length + (block.more ? 1 : 0);
    if (least > this.#parameters.bodyBytesMax) {
      this.#remove(assembly);
      return this.#tooLarge();
    }
    const before = buffer.capacity;
    buffer.append(payload);
    assembly.received += payload.length;
    this.#heldBytes += buffer.capacity - before;
    if (!block.more) {
      const whole = buffer.whole();
      this.#remove(assembly);
      return { kind: 'whole', payload: whole, firstOptions: assembly.options };
    }
    if (this.#heldBytes > this.#parameters.assemblyBytesMax) {
      this.#counters.assemblyMemoryFull++;
      this.#remove(assembly);
      return { kind: 'too-large' };
    }
    assembly.deadline = now + this.#lifetimeMs;
    this.#timers.arm(assembly);
    return { kind: 'continue' };
  }

  #open(part: RequestBlock): Assembly | undefined {
    const { key, peer } = part;
    const { assembliesMax, assembliesPerPeerMax } = this.#parameters;
    const siblings = this.#byPeer.get(peer) ?? new Set();
    const [oldest] = siblings;
    if (siblings.size >= assembliesPerPeerMax && oldest !== undefined) {
      // It "can forget about the state established with the older operation" (RFC 9175 §3.3).
      this.#counters.assembliesEvicted++;
      this.#drop(oldest, 'evicted');
    } else if (this.#byKey.size >= assembliesMax) {
      this.#counters.assembliesFull++;
      return undefined;
    }
    const assembly = new Assembly(part);
    this.#byKey.set(key, assembly);
    // Looked up anew: with its last body a peer's set goes.
    const peers = this.#byPeer.get(peer);
    if (peers === undefined) this.#byPeer.set(peer, new Set([assembly]));
    else peers.add(assembly);
    return assembly;
  }

  #drop(assembly: Assembly, reason: StreamEnd): void {
    if (assembly.streamId !== undefined) this.#ended.push({ streamId: assembly.streamId, reason });
    this.#remove(assembly);
  }

  #remove(assembly: Assembly): void {
    this.#byKey.delete(assembly.key);
    const siblings = this.#byPeer.get(assembly.peer);
    siblings?.delete(assembly);
    if (siblings?.size === 0) this.#byPeer.delete(assembly.peer);
    this.#timers.remove(assembly);
    this.#heldBytes -= assembly.buffer.capacity;
  }

  #incomplete(): AssemblyOutcome {
    this.#counters.blocksUnmatched++;
    return { kind: 'incomplete' };
  }

  #tooLarge(): AssemblyOutcome {
    this.#counters.bodiesTooLarge++;
    return { kind: 'too-large' };
  }
}
