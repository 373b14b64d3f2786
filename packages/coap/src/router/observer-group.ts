import type { CoapAnswer } from '../server/coap-answer.ts';
import type { ObserverRelation } from '../server/observer-relation.ts';
import { ResponseCode } from '../wire/index.ts';
import type { NotificationPacer, Notifying } from './notification-pacer.ts';

/** Somebody who observes, and the state that he was told last. */
interface Observer {
  readonly relation: ObserverRelation;
  version: number;
}

/** What a group is made of. */
export interface ObserverGroupParts {
  readonly pacer: NotificationPacer;
  readonly isConfirmable: boolean;
  /** Reads the representation that all of them observe. Never throws or rejects. */
  readonly read: () => CoapAnswer | Promise<CoapAnswer>;
  /** Told what an answer that cannot be sent is about. */
  readonly onFault: (error: unknown) => void;
  /** Called when the last one is gone. */
  readonly onEmpty: () => void;
}

const FAILED: CoapAnswer = { code: ResponseCode.InternalServerError };

/** Those who observe the same representation: it is read once for all of them. */
export class ObserverGroup implements Notifying {
  readonly #parts: ObserverGroupParts;
  readonly #observers = new Set<Observer>();
  /** Counts the changes. */
  #version = 0;
  #isReading = false;
  /** What was read and is not told to everybody yet. */
  #news:
    | { readonly answer: CoapAnswer; readonly version: number; readonly rest: IterableIterator<Observer> }
    | undefined;

  constructor(parts: ObserverGroupParts) {
    this.#parts = parts;
  }

  /** How many observe. */
  get size(): number {
    return this.#observers.size;
  }

  /** Adds somebody who is told the state of now in another way. */
  add(relation: ObserverRelation): void {
    const observer = { relation, version: this.#version };
    this.#observers.add(observer);
    relation.signal.addEventListener('abort', () => {
      if (this.#observers.delete(observer) && this.#observers.size === 0) this.#parts.onEmpty();
    });
  }

  /** Tells all of them the state that is to be read then. Changes that come before merge into one. */
  noteChange(): void {
    this.#version++;
    if (!this.#isReading) this.#parts.pacer.add(this);
  }

  notifySome(count: number): { readonly sent: number; readonly hasMore: boolean } {
    if (this.#news === undefined) this.#read();
    const news = this.#news;
    if (news === undefined) return { sent: 0, hasMore: false };
    for (let sent = 0; sent < count; sent++) {
      const { done, value: observer } = news.rest.next();
      if (done) {
        this.#news = undefined;
        return { sent, hasMore: this.#version > news.version && this.#observers.size > 0 };
      }
      // Who came after the reading knows it.
      if (observer.version < news.version) this.#notify(observer, news.answer);
      observer.version = Math.max(observer.version, news.version);
    }
    return { sent: count, hasMore: true };
  }

  #read(): void {
    if (this.#isReading || this.#observers.size === 0) return;
    const version = this.#version;
    const answer = this.#parts.read();
    if (!(answer instanceof Promise)) {
      this.#news = { answer, version, rest: this.#observers.values() };
      return;
    }
    this.#isReading = true;
    void answer.then((late) => {
      this.#isReading = false;
      this.#news = { answer: late, version, rest: this.#observers.values() };
      this.#parts.pacer.add(this);
    });
  }

  #notify({ relation }: Observer, answer: CoapAnswer): void {
    const { isConfirmable, onFault } = this.#parts;
    try {
      relation.notify(answer, { confirmable: isConfirmable });
    } catch (error) {
      onFault(error);
      // What a GET would be answered (RFC 7641 §4.2).
      relation.notify(FAILED);
    }
  }
}
