import { QueueFullError } from '../errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { CoapAnswer } from '../server/coap-answer.ts';
import type { CoapRequest } from '../server/coap-request.ts';
import { ObserveRequest, ResponseCode } from '../wire/index.ts';
import { AnswerError } from './answer-error.ts';
import type { NotificationPacer } from './notification-pacer.ts';
import { ObserverGroup } from './observer-group.ts';
import type { RouteContext } from './route.ts';

/**
 * What a representation is read for. It says nothing of who asks: what is read goes to all who observe with the same
 * path, query and Accept.
 */
export interface ObservedContext<Params> {
  /** What the pattern took out of the path. */
  readonly params: Params;
  /** The arguments of the query. */
  readonly query: readonly string[];
  /** The format that is wanted, by number. */
  readonly accept: number | undefined;
}

/** How an observable resource answers. */
export interface ObservableInit<Params, Identity> {
  /**
   * Reads the resource: for a GET, and once for all observers after it changed. An answer that is not 2.xx, or an error,
   * ends their observations (RFC 7641 §4.2).
   */
  get(context: ObservedContext<Params>): CoapAnswer | Promise<CoapAnswer>;
  /** Throws or rejects, with an `AnswerError` say, where somebody must not read or observe. Default: everybody may. */
  authorize?(context: RouteContext<Params, Identity>): undefined | Promise<void>;
  /** Whether notifications are sent until they are acknowledged. Default: yes. */
  readonly confirmable?: boolean;
}

/** What a resource needs of its router. */
export interface ObservableParts<Params, Identity> {
  readonly init: ObservableInit<Params, Identity>;
  readonly pacer: NotificationPacer;
  readonly logger: Logger | undefined;
}

/** A resource that peers can observe: one for each pattern. */
export interface ObservableResource<Params> {
  /** How many observe. */
  readonly observers: number;
  /**
   * Says that the resource is another one now: whoever observes is notified, a few in each turn of the event loop, of the
   * state that it has then.
   *
   * @param params which paths of the pattern changed; default all of them
   * @example
   * const sensor = router.observable('/sensors/:id', { get: ({ params }) => content(read(params.id)) });
   * sensor.changed({ id: '7' });
   */
  changed(params?: Partial<Params>): void;
}

/** The `ObservableResource` that a router makes. */
export class RoutedObservable<Params, Identity> implements ObservableResource<Params> {
  readonly #parts: ObservableParts<Params, Identity>;
  /** By path, query and Accept. */
  readonly #groups = new Map<string, { readonly group: ObserverGroup; readonly params: Params }>();

  constructor(parts: ObservableParts<Params, Identity>) {
    this.#parts = parts;
  }

  get observers(): number {
    let sum = 0;
    for (const { group } of this.#groups.values()) sum += group.size;
    return sum;
  }

  changed(params: Partial<Params> = {}): void {
    const wanted = Object.entries(params);
    for (const entry of this.#groups.values()) {
      const has = entry.params as Readonly<Record<string, unknown>>;
      if (wanted.every(([name, value]) => String(has[name]) === String(value))) entry.group.noteChange();
    }
  }

  /** Answers a GET, and makes it an observation where one is asked for. */
  handleGet(context: RouteContext<Params, Identity>): CoapAnswer | Promise<CoapAnswer> {
    const allowed = this.#parts.init.authorize?.(context);
    return allowed === undefined ? this.#read(context) : allowed.then(() => this.#read(context));
  }

  #read({ request, params }: RouteContext<Params, Identity>): CoapAnswer | Promise<CoapAnswer> {
    const { query, accept } = request;
    const observed = { params, query, accept };
    if (request.observe === ObserveRequest.Register) this.#accept(request, observed);
    return this.#parts.init.get(observed);
  }

  #accept(request: CoapRequest, observed: ObservedContext<Params>): void {
    try {
      const relation = request.acceptObserver();
      this.#groupOf(request, observed).add(relation);
    } catch (error) {
      // A server that is "unable or unwilling" to add an entry answers as if it had not been asked to (RFC 7641 §4.1).
      if (!QueueFullError.is(error)) throw error;
    }
  }

  #groupOf({ path }: CoapRequest, observed: ObservedContext<Params>): ObserverGroup {
    const { params, query, accept } = observed;
    const key = JSON.stringify([path, query, accept]);
    const known = this.#groups.get(key);
    if (known !== undefined) return known.group;
    const { pacer, logger, init } = this.#parts;
    const onFault = (error: unknown): void => {
      logger?.error?.({ err: error, path }, 'a resource cannot be read for its observers');
    };
    const group = new ObserverGroup({
      pacer,
      isConfirmable: init.confirmable ?? true,
      read: () => readSafely(() => init.get(observed), onFault),
      onFault,
      onEmpty: () => this.#groups.delete(key),
    });
    this.#groups.set(key, { group, params });
    return group;
  }
}

function readSafely(
  read: () => CoapAnswer | Promise<CoapAnswer>,
  onFault: (error: unknown) => void,
): CoapAnswer | Promise<CoapAnswer> {
  const answerOf = (error: unknown): CoapAnswer => {
    if (AnswerError.is(error)) return error.answer;
    onFault(error);
    return { code: ResponseCode.InternalServerError };
  };
  try {
    const answer = read();
    return answer instanceof Promise ? answer.catch(answerOf) : answer;
  } catch (error) {
    return answerOf(error);
  }
}
