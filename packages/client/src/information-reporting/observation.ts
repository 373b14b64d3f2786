import type { CoapAnswer, Instant, ObserverRelation } from '@motestack/coap';
import {
  dueNotification,
  type LwM2mNode,
  type NotificationAttributes,
  type NotificationState,
  noteValues,
  type Path,
  startNotifications,
} from '@motestack/model';
import { HandlerTimeoutError } from '../device-management/handler-timeout-error.ts';
import { distinctNodes } from '../device-management/read-composite.ts';
import { NotificationHistory } from './notification-history.ts';

/** A value that changes while it is read is read again, but not before everything else had its turn. */
const LOOK_AGAIN_AFTER_MS = 10;

/** What becomes of a notification: it is sent, kept until the server can be reached, or waited with. */
export type Delivery = 'send' | 'store' | 'wait';

/** What an observation needs of the client that it belongs to. */
export interface ObservationHost {
  now(): Instant;
  /** Wall time, in seconds since 1970: when a value that is kept was true. */
  epochSeconds(): number;
  schedule(at: Instant, run: () => void): () => void;
  /** Reads what is observed now, for each path; `undefined`: the server has no right to it any more. */
  read(observed: Pick<ObservationInit, 'path' | 'paths'>): Promise<ObservedContents | undefined>;
  /** How long that may take, as long as the answer to a Read; then the observation ends as a Read would. */
  readonly readTimeoutMs: number;
  /** Makes a notification. */
  encode(nodes: readonly LwM2mNode[], contentFormat: number, path: Path): CoapAnswer;
  /** What the server attached to one of the paths, inherited or by default. */
  attributes(path: Path, observed: Pick<ObservationInit, 'path' | 'parameters'>): NotificationAttributes;
  /** Turns what `read` or `encode` threw into the notification that ends the observation, and tells the application. */
  refusal(error: unknown, path: Path): CoapAnswer;
  /** What becomes of notifications now. */
  delivery(): Delivery;
  /** A notification is about to leave. */
  notifying(): void;
  /** Whether notifications are Confirmable unless the server attached `con`. */
  confirmable(): boolean;
  /** See `ClientLimits`. */
  readonly storedNotificationsMax: number;
}

/** What was read at each observed path. */
export type ObservedContents = readonly (readonly LwM2mNode[])[];

/** What is observed, and how it is told. */
export interface ObservationInit {
  /** What the request named: the root for an Observe-Composite. */
  readonly path: Path;
  /** What is looked at: the same, or the paths of the list. */
  readonly paths: readonly Path[];
  readonly contentFormat: number;
  /** What the answer to the Observe says of each path. */
  readonly contents: ObservedContents;
  /** Attributes that came with the Observe (1.2). */
  readonly parameters: NotificationAttributes | undefined;
  readonly relation: ObserverRelation;
}

/**
 * One observation of one server: looks at the values when they may have changed, and notifies when the rule says so. Of
 * several paths, one that has a reason to notify is enough.
 *
 * @see LwM2M Core 1.1.1 §6.4.1 (Observe), §6.4.2 (Notify), §6.4.4 (Observe-Composite), §5.1.2 (attributes)
 */
export class Observation {
  /** What is observed. */
  readonly paths: readonly Path[];
  readonly #init: ObservationInit;
  readonly #host: ObservationHost;
  readonly #stored: NotificationHistory;
  #states: readonly NotificationState[];
  #cancelWake: (() => void) | undefined;
  #cancelDeferred: (() => void) | undefined;
  #cancelDeadline: (() => void) | undefined;
  #evaluatedAt: Instant;
  #looking = false;
  #lookAgain = false;
  #ended = false;

  constructor(init: ObservationInit, host: ObservationHost) {
    this.paths = init.paths;
    this.#init = init;
    this.#host = host;
    this.#stored = new NotificationHistory(init.contentFormat);
    this.#evaluatedAt = host.now();
    this.#states = init.contents.map((nodes) => startNotifications(nodes, host.now()));
    init.relation.signal.addEventListener('abort', () => this.#forget(), { once: true });
    this.#decide();
  }

  /** The server can be reached again: what was kept is sent, and what changed is looked at. */
  resume(): void {
    if (this.#ended || this.#host.delivery() !== 'send') return;
    this.#sendStored();
    this.look();
  }

  /**
   * The values, or the attributes, may have changed: looks at them, not more often than `epmin` says.
   *
   * @see LwM2M Core 1.1.1 §5.1.2 (epmin)
   */
  look(): void {
    if (this.#ended || this.#cancelDeferred !== undefined) return;
    const { schedule, now } = this.#host;
    const periods = this.paths.map((_path, index) => this.#attributes(index).epmin ?? 0);
    const at = this.#evaluatedAt + Math.min(...periods) * 1_000;
    if (at <= now()) {
      this.#lookNow();
      return;
    }
    this.#cancelDeferred = schedule(at, () => {
      this.#cancelDeferred = undefined;
      this.#lookNow();
    });
  }

  #lookNow(): void {
    if (this.#ended) return;
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = true;
    this.#evaluatedAt = this.#host.now();
    void this.#look();
  }

  /** Forgets it without a word. */
  end(): void {
    this.#forget();
    this.#init.relation.end();
  }

  #forget(): void {
    this.#ended = true;
    this.#cancelWake?.();
    this.#cancelDeferred?.();
    this.#cancelDeadline?.();
  }

  async #look(): Promise<void> {
    this.#lookAgain = false;
    try {
      const contents = await this.#read();
      // Without the right to read nothing is sent (Core 1.1.1 §8.2.5); the right may come back.
      if (!this.#ended && contents !== undefined) {
        this.#states = this.#states.map((state, index) =>
          noteValues(state, this.#attributes(index), contents[index] ?? []),
        );
        this.#decide(contents);
      }
    } catch (error) {
      if (!this.#ended) {
        // What a Read would refuse ends the observation with that answer (RFC 7641 §4.2).
        this.#init.relation.notify(this.#host.refusal(error, this.#init.path), { confirmable: true });
        this.end();
      }
    }
    this.#looking = false;
    if (this.#lookAgain && !this.#ended) this.#lookAt(this.#host.now() + LOOK_AGAIN_AFTER_MS);
  }

  #lookAt(at: Instant): void {
    this.#cancelWake?.();
    this.#cancelWake = this.#host.schedule(at, () => this.#lookNow());
  }

  #attributes(index: number): NotificationAttributes {
    return this.#host.attributes(this.paths[index] ?? this.#init.path, this.#init);
  }

  /** A value that hangs must not end the looks without a word: what is not read in time is refused. */
  #read(): Promise<ObservedContents | undefined> {
    const host = this.#host;
    return new Promise<ObservedContents | undefined>((resolve, reject) => {
      const late = (): void => reject(new HandlerTimeoutError(host.readTimeoutMs));
      this.#cancelDeadline = host.schedule(host.now() + host.readTimeoutMs, late);
      host.read(this.#init).then(resolve, reject);
    }).finally(() => this.#cancelDeadline?.());
  }

  /**
   * @param fresh the values of now; without them a due notification first takes another look
   */
  #decide(fresh?: ObservedContents): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    const now = this.#host.now();
    const attributes = this.#states.map((_state, index) => this.#attributes(index));
    const decisions = this.#states.map((state, index) => dueNotification(state, attributes[index] ?? {}, now));
    const isDue = decisions.some(({ notify }) => notify);
    const delivery = this.#host.delivery();
    // What is waited with is decided anew when the server can be reached.
    if (isDue && delivery === 'wait') return;
    if (isDue && fresh !== undefined) {
      this.#notify(fresh, attributes, now);
      this.#decide();
      return;
    }
    const times = decisions.map((decision) => (decision.notify ? now : decision.wakeAt));
    // epmax: a value that nobody announces is looked at all the same (Core 1.1.1 §5.1.2).
    const evaluations = attributes.map(({ epmax = 0 }) => (epmax > 0 ? now + epmax * 1_000 : undefined));
    const at = Math.min(...[...times, ...evaluations].map((time) => time ?? Number.POSITIVE_INFINITY));
    if (Number.isFinite(at)) this.#lookAt(at);
  }

  #notify(contents: ObservedContents, attributes: readonly NotificationAttributes[], now: Instant): void {
    const nodes = distinctNodes(contents);
    this.#states = contents.map((content) => startNotifications(content, now));
    const isStored = this.#host.delivery() === 'store';
    if (isStored || this.#stored.size > 0) {
      const { storedNotificationsMax } = this.#host;
      const wanted = attributes.map(({ hqmax = storedNotificationsMax }) => hqmax);
      this.#stored.keep(nodes, this.#host.epochSeconds(), Math.min(storedNotificationsMax, ...wanted));
      // What was kept goes out before, or with, what is new.
      if (!isStored) this.#sendStored();
      return;
    }
    const said = attributes.map(({ con }) => con).filter((con) => con !== undefined);
    this.#send(nodes, said.length === 0 ? this.#host.confirmable() : said.includes(true));
  }

  #sendStored(): void {
    const nodes = this.#stored.take();
    if (nodes.length > 0) this.#send(nodes, true);
  }

  #send(nodes: readonly LwM2mNode[], confirmable: boolean): void {
    const { contentFormat, path, relation } = this.#init;
    const answer = this.#host.encode(nodes, contentFormat, path);
    this.#host.notifying();
    relation.notify(answer, { confirmable });
  }
}
