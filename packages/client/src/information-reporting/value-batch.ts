import type { LwM2mNode } from '@motestack/model';

/** What a batch needs of its client. */
export interface ValueBatchHost {
  /** Reads what stands at a path now. */
  read(path: unknown): Promise<readonly LwM2mNode[]>;
  /** Sends, and rejects where no server has acknowledged it. */
  send(nodes: readonly LwM2mNode[]): Promise<void>;
  /** What could not be sent waits for the next chance. */
  failed(batch: ValueBatch): void;
  /** Wall time, in seconds since 1970. */
  epochSeconds(): number;
  /** So many values are kept; older ones go. */
  readonly valuesMax: number;
}

/**
 * Values that are gathered over time and sent together, each with its time. What could not be sent is kept, and goes out with
 * the next flush, or when a server has next acknowledged a Register or Update.
 *
 * @see LwM2M Core 1.1.1 §6.4.6 (Send), §7.4.4 (SenML with times)
 */
export class ValueBatch {
  readonly #host: ValueBatchHost;
  #nodes: LwM2mNode[] = [];
  #dropped = 0;
  #flushing: Promise<void> | undefined;

  /** @hidden */
  constructor(host: ValueBatchHost) {
    this.#host = host;
  }

  /** How many values wait. */
  get size(): number {
    return this.#nodes.length;
  }

  /** How many values had to make room for newer ones. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Takes what stands at paths now.
   *
   * @param paths as `client.send` takes them
   * @throws {LwM2mError} `not-here`, or what the application's functions throw
   */
  async add(...paths: readonly unknown[]): Promise<void> {
    const time = this.#host.epochSeconds();
    for (const path of paths) {
      const nodes = await this.#host.read(path);
      this.#nodes.push(...nodes.map((node) => ({ ...node, time: node.time ?? time })));
    }
    this.#makeRoom();
  }

  /**
   * Sends all that waits. If no server takes it, it is kept.
   *
   * @throws {LwM2mError} as `client.send`
   */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    const nodes = this.#nodes;
    if (nodes.length === 0) return;
    this.#nodes = [];
    try {
      await this.#host.send(nodes);
    } catch (error) {
      this.#nodes = [...nodes, ...this.#nodes];
      this.#makeRoom();
      this.#host.failed(this);
      throw error;
    }
  }

  #makeRoom(): void {
    const excess = this.#nodes.length - this.#host.valuesMax;
    if (excess <= 0) return;
    this.#nodes.splice(0, excess);
    this.#dropped += excess;
  }
}
