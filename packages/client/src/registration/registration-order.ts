/** One server, as the order of registrations sees it. */
export interface OrderedServer {
  /** `/1/x/13`; `undefined`: the server is registered at whatever becomes of the others. */
  readonly priority: number | undefined;
  /** `/1/x/14`: counted from the moment at which its turn comes. */
  readonly initialDelayMs: number;
  /** `/1/x/15`: whether its failure keeps the client from the servers that come after it. */
  readonly blocksOnFailure: boolean;
  /** Begins to register. */
  start(delayMs: number): void;
}

/**
 * Says at which server the client registers next: those with an order one after the other, the others at once.
 *
 * @see LwM2M Core 1.1.1 §6.2.1.1; object 1 resources 13 to 15
 */
export class RegistrationOrder<Server extends OrderedServer> {
  readonly #started = new Set<Server>();
  #queue: Server[] = [];
  #current: Server | undefined;

  /** Begins: those without an order at once, and the first of the others. */
  begin(servers: readonly Server[]): void {
    for (const server of servers) if (server.priority === undefined) this.#start(server);
    const ordered = servers.filter((server) => server.priority !== undefined && !this.#started.has(server));
    this.#queue = [...this.#queue, ...ordered].sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
    if (this.#current === undefined) this.#next();
  }

  /** A server has acknowledged a Register: the next one's turn has come. */
  registered(server: Server): void {
    if (server === this.#current) this.#next();
  }

  /** All attempts at a server have failed. */
  failed(server: Server): void {
    if (server === this.#current && !server.blocksOnFailure) this.#next();
  }

  /** A server is none any more. */
  forget(server: Server): void {
    this.#queue = this.#queue.filter((queued) => queued !== server);
    this.#started.delete(server);
    if (server === this.#current) this.#next();
  }

  #next(): void {
    this.#current = this.#queue.shift();
    if (this.#current !== undefined) this.#start(this.#current);
  }

  #start(server: Server): void {
    if (this.#started.has(server)) return;
    this.#started.add(server);
    server.start(server.initialDelayMs);
  }
}
