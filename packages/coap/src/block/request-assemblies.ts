import { DeadlineHeap, type Instant, type PeerId, type Timer } from '../effects.ts';
import { type Block, blockOffset, type Option } from '../wire/index.ts';
import type { BlockCounters } from './block-counters.ts';
import type { BlockParameters } from './block-parameters.ts';
import { BodyBuffer } from './body-buffer.ts';

/** A request body that comes block after block. */
class Assembly implements Timer {
  deadline: Instant = 0;
  heapIndex = -1;
  readonly key: string;
  readonly peer: PeerId;
  readonly buffer = new BodyBuffer();
  /** Those of the first block. */
  readonly options: readonly Option[];

  constructor(key: string, peer: PeerId, options: readonly Option[]) {
    this.key = key;
    this.peer = peer;
    this.options = options;
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
}

/** What a block makes of its body: `continue` is 2.31, `incomplete` 4.08, `too-large` 4.13, `full` 5.03. */
export type AssemblyOutcome =
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

  /** @param lifetimeMs how long the next block is waited for: EXCHANGE_LIFETIME */
  constructor(parameters: BlockParameters, lifetimeMs: number, counters: BlockCounters) {
    this.#parameters = parameters;
    this.#lifetimeMs = lifetimeMs;
    this.#counters = counters;
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
        this.#remove(assembly);
      }
      if (!block.more) return { kind: 'whole', payload, firstOptions: part.options };
      if (Math.max(sizeHint ?? 0, payload.length + 1) > this.#parameters.bodyBytesMax) return this.#tooLarge();
      assembly = this.#open(part);
      if (assembly === undefined) return { kind: 'full' };
    } else if (assembly === undefined) return this.#incomplete();
    const offset = blockOffset(block);
    if (offset !== assembly.buffer.length) {
      // A block that is here already, in a message of its own: it is acknowledged again.
      const isHere = block.more && assembly.buffer.holds(offset, payload);
      return isHere ? { kind: 'continue' } : this.#incomplete();
    }
    return this.#append(assembly, part, now);
  }

  /** Forgets what waited too long for its next block, at most `workMax` bodies. */
  handleTimeout(workMax: number, now: Instant): void {
    for (let work = 0; work < workMax; work++) {
      const assembly = this.#timers.takeDue(now);
      if (assembly === undefined) return;
      this.#counters.assembliesExpired++;
      this.#remove(assembly);
    }
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

  #open({ key, peer, options }: RequestBlock): Assembly | undefined {
    const { assembliesMax, assembliesPerPeerMax } = this.#parameters;
    const siblings = this.#byPeer.get(peer) ?? new Set();
    const [oldest] = siblings;
    if (siblings.size >= assembliesPerPeerMax && oldest !== undefined) {
      // It "can forget about the state established with the older operation" (RFC 9175 §3.3).
      this.#counters.assembliesEvicted++;
      this.#remove(oldest);
    } else if (this.#byKey.size >= assembliesMax) {
      this.#counters.assembliesFull++;
      return undefined;
    }
    const assembly = new Assembly(key, peer, options);
    this.#byKey.set(key, assembly);
    // Looked up anew: with its last body a peer's set goes.
    const peers = this.#byPeer.get(peer);
    if (peers === undefined) this.#byPeer.set(peer, new Set([assembly]));
    else peers.add(assembly);
    return assembly;
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
