import type { Association } from '../association/association.ts';
import type { AssociationEvent, StepOutput } from '../association/association-event.ts';
import type { Instant, PeerId } from '../effects.ts';
import type { PathCheck } from './path-checks.ts';

/** An address that moved gets so many times what it sent, until it goes on after it was sent something (RFC 9146 §6). */
const AMPLIFICATION = 3;

/** What an entry hands its server. */
export interface EntryOutput {
  /** Sends to an address. */
  transmit(address: string, bytes: Uint8Array): void;
  /** Handles an event of the entry's association. */
  handleEvent(entry: ServerEntry, event: AssociationEvent): void;
  /** Counts a datagram that was not sent, since it would have been too much for an address that nobody confirmed. */
  withhold(): void;
}

/** What an entry is made of. */
export interface ServerEntryInit {
  readonly peer: PeerId;
  readonly address: string;
  readonly association: Association;
  /** That of its ClientHello, each byte a character: an array of so many bytes is five times as large. */
  readonly clientRandom: string;
  /** Key of its connection ID. */
  readonly connectionId: string | undefined;
  readonly now: Instant;
}

/** An association of a server, and where it is. */
export class ServerEntry implements StepOutput {
  readonly peer: PeerId;
  readonly association: Association;
  readonly clientRandom: string;
  readonly connectionId: string | undefined;
  readonly #server: EntryOutput;
  /** When something authentic came last. */
  lastHeardAt: Instant;
  /** Whether it is asked where it is; `undefined`: it is not. */
  pathCheck: PathCheck | undefined;
  /** Under which its session is kept. */
  sessionId: string | undefined;
  #address: string;
  #budget = Number.POSITIVE_INFINITY;
  #hasSentSinceMove = false;

  constructor(init: ServerEntryInit, server: EntryOutput) {
    this.peer = init.peer;
    this.association = init.association;
    this.clientRandom = init.clientRandom;
    this.connectionId = init.connectionId;
    this.lastHeardAt = init.now;
    this.#address = init.address;
    this.#server = server;
  }

  send(bytes: Uint8Array): void {
    if (bytes.length > this.#budget) {
      this.#server.withhold();
      return;
    }
    this.#budget -= bytes.length;
    this.#hasSentSinceMove = true;
    this.#server.transmit(this.#address, bytes);
  }

  tell(event: AssociationEvent): void {
    this.#server.handleEvent(this, event);
  }

  /** Where it is. */
  get address(): string {
    return this.#address;
  }

  /** Whether it gets no more than a multiple of what it sent. */
  get isLimited(): boolean {
    return Number.isFinite(this.#budget);
  }

  /** Goes to where an authentic and newer record came from (RFC 9146 §6). */
  moveTo(address: string): void {
    this.#address = address;
    this.#budget = 0;
    this.#hasSentSinceMove = false;
  }

  /** It is where it is. */
  confirm(): void {
    this.pathCheck = undefined;
    this.#budget = Number.POSITIVE_INFINITY;
  }

  /** Something authentic and newer came from where it is. */
  heard(bytes: number): void {
    // An answer to a challenge says more than any other record.
    if (this.#hasSentSinceMove && !this.association.checksPaths) this.#budget = Number.POSITIVE_INFINITY;
    else this.#budget += AMPLIFICATION * bytes;
  }
}
