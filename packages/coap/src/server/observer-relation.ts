import type { PeerId } from '../effects.ts';
import type { NotificationContent } from '../observe/relations.ts';
import { type AbortSignalLike, AbortSource } from '../platform/abort-source.ts';
import { type CoapAnswer, encodeAnswer } from './coap-answer.ts';

/** Somebody who observes here: one for each peer and token (RFC 7641 §4.1). */
export interface ObserverRelation {
  /** Who observes. */
  readonly peer: PeerId;
  /** The token of the request that made it, 0 to 8 bytes. */
  readonly token: Uint8Array;
  /**
   * Sends a notification. While a Confirmable one is in flight the newest waits, and takes its place (RFC 7641
   * §4.5.2). One with a code that is not 2.xx ends the relation. After the end it does nothing.
   *
   * @param answer what the notification says; `Observe` is added
   * @param options `confirmable`: whether it is sent until it is acknowledged; default yes, and always after 24 hours
   *   without one that was (RFC 7641 §4.5)
   * @throws {RangeError} an answer that does not fit a datagram
   * @throws {TypeError} a payload that is no Uint8Array
   */
  notify(answer: CoapAnswer, options?: { readonly confirmable?: boolean }): void;
  /** Forgets the observer without a word. The signal is not given. */
  end(): void;
  /**
   * Given when the relation ended: Reset, GET with Observe 1, another observation with the same token, transmission
   * given up, an answer or notification that is not 2.xx, close.
   */
  readonly signal: AbortSignalLike;
}

/** What a relation asks of its endpoint. */
export interface RelationCommands {
  /** Sends a notification. */
  notify(relationId: number, content: NotificationContent): void;
  /** Forgets the observer. */
  endRelation(relationId: number): void;
}

/** The `ObserverRelation` that handlers get. */
export class RelationHandle implements ObserverRelation {
  readonly #id: number;
  readonly #commands: RelationCommands;
  readonly #about: Pick<ObserverRelation, 'peer' | 'token'>;
  /** Made when somebody asks for the signal: there may be very many relations. */
  #source: AbortSource | undefined;
  #reason: Error | undefined;

  constructor(id: number, commands: RelationCommands, about: Pick<ObserverRelation, 'peer' | 'token'>) {
    this.#id = id;
    this.#commands = commands;
    this.#about = about;
  }

  get peer(): PeerId {
    return this.#about.peer;
  }

  get token(): Uint8Array {
    return this.#about.token;
  }

  get signal(): AbortSignalLike {
    if (this.#source === undefined) {
      this.#source = new AbortSource();
      if (this.#reason !== undefined) this.#source.abort(this.#reason);
    }
    return this.#source.signal;
  }

  notify(answer: CoapAnswer, { confirmable = true }: { readonly confirmable?: boolean } = {}): void {
    const { code, options, payload, stream } = encodeAnswer(answer);
    // The newest notification takes the place of one in flight: there is none to read further blocks for.
    if (stream !== undefined) throw new TypeError('the payload of a notification is a Uint8Array');
    this.#commands.notify(this.#id, { code, options, payload, isConfirmable: confirmable });
  }

  end(): void {
    this.#commands.endRelation(this.#id);
  }

  /** Gives the signal. */
  finish(reason: Error): void {
    this.#reason = reason;
    this.#source?.abort(reason);
  }
}
