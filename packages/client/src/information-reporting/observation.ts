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

/** A value that changes while it is read is read again, but not before everything else had its turn. */
const LOOK_AGAIN_AFTER_MS = 10;

/** What an observation needs of the client that it belongs to. */
export interface ObservationHost {
  now(): Instant;
  schedule(at: Instant, run: () => void): () => void;
  /** Reads what is observed now. */
  read(path: Path): Promise<readonly LwM2mNode[]>;
  /** How long that may take, as long as the answer to a Read; then the observation ends as a Read would. */
  readonly readTimeoutMs: number;
  /** Makes a notification. */
  encode(nodes: readonly LwM2mNode[], contentFormat: number, path: Path): CoapAnswer;
  /** What the server attached, inherited or by default. */
  attributes(path: Path): NotificationAttributes;
  /** Turns what `read` or `encode` threw into the notification that ends the observation, and tells the application. */
  refusal(error: unknown, path: Path): CoapAnswer;
  /** Whether notifications are Confirmable unless the server attached `con`. */
  readonly confirmable: boolean;
}

/** What is observed, and how it is told. */
export interface ObservationInit {
  readonly path: Path;
  readonly contentFormat: number;
  /** What the answer to the Observe says. */
  readonly nodes: readonly LwM2mNode[];
  readonly relation: ObserverRelation;
}

/**
 * One observation of one server: looks at the values when they may have changed, and notifies when the rule says so.
 *
 * @see LwM2M Core 1.1.1 §6.4.1 (Observe), §6.4.2 (Notify), §5.1.2 (attributes)
 */
export class Observation {
  /** What is observed. */
  readonly path: Path;
  readonly #init: ObservationInit;
  readonly #host: ObservationHost;
  #state: NotificationState;
  #cancelWake: (() => void) | undefined;
  #cancelDeadline: (() => void) | undefined;
  #looking = false;
  #lookAgain = false;
  #ended = false;

  constructor(init: ObservationInit, host: ObservationHost) {
    this.path = init.path;
    this.#init = init;
    this.#host = host;
    this.#state = startNotifications(init.nodes, host.now());
    init.relation.signal.addEventListener('abort', () => this.#forget(), { once: true });
    this.#decide();
  }

  /** The values, or the attributes, may have changed: looks at them. */
  look(): void {
    if (this.#ended) return;
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = true;
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
    this.#cancelDeadline?.();
  }

  async #look(): Promise<void> {
    this.#lookAgain = false;
    try {
      const nodes = await this.#read();
      if (!this.#ended) {
        this.#state = noteValues(this.#state, this.#host.attributes(this.path), nodes);
        this.#decide(nodes);
      }
    } catch (error) {
      if (!this.#ended) {
        // What a Read would refuse ends the observation with that answer (RFC 7641 §4.2).
        this.#init.relation.notify(this.#host.refusal(error, this.path), { confirmable: true });
        this.end();
      }
    }
    this.#looking = false;
    if (this.#lookAgain && !this.#ended) this.#lookAt(this.#host.now() + LOOK_AGAIN_AFTER_MS);
  }

  #lookAt(at: Instant): void {
    this.#cancelWake?.();
    this.#cancelWake = this.#host.schedule(at, () => this.look());
  }

  /** A value that hangs must not end the looks without a word: what is not read in time is refused. */
  #read(): Promise<readonly LwM2mNode[]> {
    const host = this.#host;
    return new Promise<readonly LwM2mNode[]>((resolve, reject) => {
      const late = (): void => reject(new HandlerTimeoutError(host.readTimeoutMs));
      this.#cancelDeadline = host.schedule(host.now() + host.readTimeoutMs, late);
      host.read(this.path).then(resolve, reject);
    }).finally(() => this.#cancelDeadline?.());
  }

  /**
   * @param fresh the values of now; without them a due notification first takes another look
   */
  #decide(fresh?: readonly LwM2mNode[]): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    const attributes = this.#host.attributes(this.path);
    const now = this.#host.now();
    const decision = dueNotification(this.#state, attributes, now);
    if (decision.notify && fresh !== undefined) {
      this.#notify(fresh, attributes, now);
      this.#decide();
      return;
    }
    const wakeAt = decision.notify ? now : decision.wakeAt;
    // epmax: a value that nobody announces is looked at all the same (Core 1.1.1 §5.1.2).
    const { epmax = 0 } = attributes;
    const evaluateAt = epmax > 0 ? now + epmax * 1_000 : Number.POSITIVE_INFINITY;
    const at = Math.min(wakeAt ?? Number.POSITIVE_INFINITY, evaluateAt);
    if (Number.isFinite(at)) this.#lookAt(at);
  }

  #notify(nodes: readonly LwM2mNode[], attributes: NotificationAttributes, now: Instant): void {
    const answer = this.#host.encode(nodes, this.#init.contentFormat, this.path);
    this.#state = startNotifications(nodes, now);
    this.#init.relation.notify(answer, { confirmable: attributes.con ?? this.#host.confirmable });
  }
}
