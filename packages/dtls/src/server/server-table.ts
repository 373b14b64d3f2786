import type { Instant, PeerId } from '../effects.ts';
import type { ServerEntry } from './server-entry.ts';

/** What is known of one address: an association, and a handshake that may take its place (RFC 6347 §4.2.8). */
export interface Slot {
  /** The association that stands. */
  live?: ServerEntry | undefined;
  /** The handshake that is under way. */
  fresh?: ServerEntry | undefined;
}

/** The associations and handshakes of a server, by address, by connection ID and by name. */
export class ServerTable {
  readonly #slots = new Map<string, Slot>();
  readonly #byConnectionId = new Map<string, ServerEntry>();
  /** The one that was silent longest comes first. */
  readonly #live = new Map<PeerId, ServerEntry>();
  /** The oldest comes first. */
  readonly #fresh = new Set<ServerEntry>();

  /** Associations, the one that was silent longest first. */
  get live(): ReadonlyMap<PeerId, ServerEntry> {
    return this.#live;
  }

  /** Handshakes, the oldest first. */
  get fresh(): ReadonlySet<ServerEntry> {
    return this.#fresh;
  }

  /** What is known of an address. */
  slotOf(address: string): Readonly<Slot> | undefined {
    return this.#slots.get(address);
  }

  /** Whose connection ID that is, as {@link connectionIdKey} makes it. */
  withConnectionId(connectionId: string): ServerEntry | undefined {
    return this.#byConnectionId.get(connectionId);
  }

  /** Adds a handshake. The address has none. */
  add(entry: ServerEntry): void {
    this.#slot(entry.address).fresh = entry;
    this.#fresh.add(entry);
    if (entry.connectionId !== undefined) this.#byConnectionId.set(entry.connectionId, entry);
  }

  /**
   * Adds an association whose handshake was elsewhere.
   *
   * @returns whether there was room: its name, its connection ID and, without one, its address are nobody's
   */
  restore(entry: ServerEntry): boolean {
    const { peer, address, connectionId } = entry;
    const isKnown = this.#live.has(peer) || [...this.#fresh].some((fresh) => fresh.peer === peer);
    const isTaken =
      connectionId === undefined
        ? this.#slots.get(address)?.live !== undefined
        : this.#byConnectionId.has(connectionId);
    if (isKnown || isTaken) return false;
    this.#slot(address).live ??= entry;
    this.#live.set(peer, entry);
    if (connectionId !== undefined) this.#byConnectionId.set(connectionId, entry);
    return true;
  }

  /**
   * Makes a handshake an association.
   *
   * @returns the association that stood at its address, which is to be ended
   */
  promote(entry: ServerEntry): ServerEntry | undefined {
    const slot = this.#slot(entry.address);
    const replaced = slot.live;
    slot.fresh = undefined;
    slot.live = entry;
    this.#fresh.delete(entry);
    this.#live.set(entry.peer, entry);
    return replaced;
  }

  /** Something authentic came of an entry. */
  touch(entry: ServerEntry, now: Instant): void {
    entry.lastHeardAt = now;
    if (this.#live.delete(entry.peer)) this.#live.set(entry.peer, entry);
  }

  /** An association goes on from another address, and is found there by its connection ID. */
  move(entry: ServerEntry, address: string): void {
    this.#leave(entry);
    entry.moveTo(address);
    const slot = this.#slot(address);
    slot.live ??= entry;
  }

  /** Forgets an entry. */
  remove(entry: ServerEntry): void {
    this.#leave(entry);
    this.#live.delete(entry.peer);
    this.#fresh.delete(entry);
    if (entry.connectionId !== undefined) this.#byConnectionId.delete(entry.connectionId);
  }

  #leave(entry: ServerEntry): void {
    const slot = this.#slots.get(entry.address);
    if (slot === undefined) return;
    if (slot.live === entry) slot.live = undefined;
    if (slot.fresh === entry) slot.fresh = undefined;
    if (slot.live === undefined && slot.fresh === undefined) this.#slots.delete(entry.address);
  }

  #slot(address: string): Slot {
    const known = this.#slots.get(address);
    if (known !== undefined) return known;
    const made: Slot = {};
    this.#slots.set(address, made);
    return made;
  }
}
