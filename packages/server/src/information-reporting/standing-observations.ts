import {
  type CoapObservation,
  type CoapRequestInit,
  type CoapResponse,
  formatCode,
  type ObservationKeeper,
  OptionNumber,
  type PeerId,
  ResponseCode,
} from '@motestack/coap';
import { isNewerNotification } from '@motestack/coap/wire';
import { type ObjectLookup, parsePath } from '@motestack/model';
import { isExact, type Target } from '../device-management/device-management.ts';
import { answerError, diagnosticOf, nodesOfAnswer } from '../device-management/read-answer.ts';
import { valueFromNodes } from '../device-management/values-from-nodes.ts';
import type { DeviceParts } from '../device-parts.ts';
import {
  DeviceGoneError,
  LimitReachedError,
  type LwM2mErrorDetail,
  NotObservedError,
  ResponseError,
} from '../lwm2m-error.ts';
import type { RegisteredDevice } from '../registered-device.ts';
import { InMemoryRegistrationStore } from '../registration/in-memory-registration-store.ts';
import type { Registration } from '../registration/registration.ts';
import type { RegistrationStore } from '../registration/registration-store.ts';
import type { ObserveOptions } from './observation.ts';
import type { Sample } from './sample.ts';
import { samplesOf } from './samples-of.ts';
import { type ObservedTarget, StandingObservation } from './standing-observation.ts';

/** A device, as its standing observations see it. */
export interface StandingDevice extends Pick<RegisteredDevice, 'endpoint' | 'peer'> {
  /** The present state of the registration. */
  readonly registration: Registration;
  /** The first of its standing observations. */
  standing: StandingObservation | undefined;
  /** The definitions that count. */
  lookup(): ObjectLookup;
  /** Has work done; what is not used any more is dropped afterwards. */
  withParts<Result>(work: (parts: DeviceParts) => Promise<Result>): Promise<Result>;
}

/** What standing observations stand on. */
export interface StandingObservationsOptions {
  /** Keeps what is observed. */
  readonly store: RegistrationStore;
  /** Observations of one device at one time. */
  readonly observationsMax: number;
  /** Milliseconds that a request may take unless its options say otherwise. */
  readonly requestTimeoutMs: number;
  /** Wall time. */
  readonly epochMs: () => number;
  /** Monotonic time. */
  readonly now: () => number;
  /** Told of what is reported. */
  readonly onSamples: (device: StandingDevice, target: ObservedTarget, samples: readonly Sample<unknown>[]) => void;
  /** Told of what ends an observation by itself. */
  readonly onError: (error: unknown, device: StandingDevice) => void;
}

/** What is to be observed. */
export interface StandingRequest {
  /** What errors say. */
  readonly calledFrom: Error;
  /** The path. */
  readonly path: Target;
  /** What the caller wants. */
  readonly options: ObserveOptions<string>;
}

/** Targets that are shared, at most; more are not shared, and nothing else changes. */
const TARGETS_MAX = 1_024;

/** The observations of all devices that have no loop: found by token when a notification comes. */
export class StandingObservations implements ObservationKeeper {
  readonly #options: StandingObservationsOptions;
  readonly #byToken = new Map<string, StandingObservation>();
  readonly #targets = new Map<string, ObservedTarget>();

  /** @param options what they stand on */
  constructor(options: StandingObservationsOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#byToken.size;
  }

  /** How many a device has. */
  countOf(device: StandingDevice): number {
    let count = 0;
    for (let one = device.standing; one !== undefined; one = one.next) count += 1;
    return count;
  }

  /** Observes; at a path that is observed already, anew. */
  async start(device: StandingDevice, request: StandingRequest): Promise<Sample<unknown>> {
    await this.cancel(device, String(request.path), request.calledFrom);
    return await device.withParts(async (parts) => {
      const { path, options, calledFrom } = request;
      const call = parts.management.resolve('Observe', path, calledFrom);
      const count = this.countOf(device) + parts.observations.size;
      if (count >= this.#options.observationsMax) {
        throw new LimitReachedError({ ...parts.requests.detail(call), limit: 'observationsMax' });
      }
      const { attributes, attributesBy, signal, timeoutMs } = options;
      const isInRequest = attributesBy === 'observe';
      if (attributes !== undefined && !isInRequest) {
        await parts.management.writeAttributes(path, attributes, { signal, timeoutMs }, calledFrom);
      }
      const { accept } = parts.management.readRequest(call, options);
      const query = attributes === undefined || !isInRequest ? [] : parts.management.attributeQuery(call, attributes);
      const target = this.#target(path, accept, query);
      return await this.#observe(device, parts, { target, options, calledFrom });
    });
  }

  /** Ends the observation at a path, if there is one, and tells the device. */
  async cancel(device: StandingDevice, path: string, calledFrom: Error): Promise<void> {
    const one = this.#find(device, path);
    if (one === undefined) return;
    const { target, token } = one;
    this.#remove(one);
    if (token === '') return;
    await device.withParts(async ({ requests, management }) => {
      const call = { operation: 'Cancel Observation', path, calledFrom } as const;
      const init = initOf(target, management.segments(target.at));
      const { requestTimeoutMs: timeoutMs } = this.#options;
      const { response } = await requests.run(call, { timeoutMs }, async (coap, peer, flight) => {
        const answer = await coap.cancelKept(peer, token, init, flight);
        if (answer === undefined) throw new TypeError('a request to cancel has an answer');
        return { response: answer };
      });
      requests.assertSuccess(call, response);
    });
  }

  /** The registration ended: the device's next notification gets a Reset. */
  end(device: StandingDevice): void {
    for (let one = device.standing; one !== undefined; one = one.next) this.#byToken.delete(one.token);
    device.standing = undefined;
  }

  /** Nothing is kept any more. */
  close(): void {
    this.#byToken.clear();
  }

  /** What a device observes, to be made anew at another address or under another registration; it is forgotten at this one. */
  take(device: StandingDevice): readonly ObservedTarget[] {
    const targets: ObservedTarget[] = [];
    for (let one = device.standing; one !== undefined; one = one.next) targets.push(one.target);
    for (const { path } of targets) {
      const one = this.#find(device, path);
      if (one !== undefined) this.#remove(one);
    }
    return targets.reverse();
  }

  /** Observes again what was observed before; what fails is told as `error`. */
  restart(device: StandingDevice, targets: readonly ObservedTarget[]): void {
    for (const target of targets) {
      const calledFrom = new Error('called from');
      const again = { target, options: {}, calledFrom };
      device
        .withParts((parts) => this.#observe(device, parts, again))
        .catch((error: unknown) => this.#options.onError(error, device));
    }
  }

  /** See `ObservationKeeper.has`. */
  has(peer: PeerId, token: string): boolean {
    return this.#byToken.get(token)?.device.peer === peer;
  }

  /** See `ObservationKeeper.handleNotification`. */
  handleNotification(token: string, notification: CoapResponse): void {
    const one = this.#byToken.get(token);
    if (one === undefined || !this.#isNewer(one, notification)) return;
    const { device } = one;
    const isLast = notification.observe === undefined || notification.code >>> 5 !== SUCCESS_CLASS;
    if (isLast) this.#remove(one);
    if (hasMoreBlocks(notification)) {
      this.#fetch(one).catch((error: unknown) => this.#options.onError(error, device));
      return;
    }
    try {
      if (notification.code === ResponseCode.Content) this.#tell(one, notification);
      else this.#refused(one, notification);
    } catch (error) {
      this.#remove(one);
      this.#options.onError(error, device);
    }
  }

  async #observe(
    device: StandingDevice,
    parts: DeviceParts,
    about: Pick<StandingRequest, 'options' | 'calledFrom'> & { readonly target: ObservedTarget },
  ): Promise<Sample<unknown>> {
    const { target, options, calledFrom } = about;
    const { requests, management } = parts;
    const { store, epochMs, requestTimeoutMs } = this.#options;
    const call = { operation: 'Observe', path: target.path, calledFrom } as const;
    const one = new StandingObservation(idAfter(device.standing), device, target, Math.floor(epochMs() / 1000));
    one.next = device.standing;
    device.standing = one;
    const early: CoapResponse[] = [];
    try {
      // The store knows of it before the request leaves, since a notification may come before the answer.
      const stored = store instanceof InMemoryRegistrationStore ? one : one.toStored();
      if (!(await store.addObservation(stored))) {
        throw new DeviceGoneError('the registration ended', requests.detail(call));
      }
      const init = initOf(target, management.segments(target.at));
      const { signal, timeoutMs = requestTimeoutMs } = options;
      const onNotification = (notification: CoapResponse): void => void early.push(notification);
      let handOver: (observation: CoapObservation) => string = () => '';
      const observation = await requests.run(call, { signal, timeoutMs }, (coap, peer, flight) => {
        handOver = (made) => coap.handOver(made);
        return coap.observe(peer, init, { onNotification, onEnd: () => {} }, flight);
      });
      const { response, established } = observation;
      requests.assertSuccess(call, response, ResponseCode.Content);
      const samples = this.#samples(one, response);
      if (!established) {
        const what = 'the device answered once and did not take the observation';
        throw new NotObservedError(what, requests.detail(call));
      }
      // One that was cancelled meanwhile is forgotten: the next notification gets a Reset.
      if (this.#find(device, target.path) === one) this.#keep(one, handOver(observation), response);
      else observation.forget();
      this.#options.onSamples(device, target, samples);
      for (const notification of early) this.handleNotification(one.token, notification);
      return samples.at(-1) as Sample<unknown>;
    } catch (error) {
      this.#remove(one);
      throw error;
    }
  }

  #keep(one: StandingObservation, token: string, { observe = 0 }: CoapResponse): void {
    one.token = token;
    one.sequence = observe;
    one.receivedAtSeconds = Math.floor(this.#options.now() / 1000);
    this.#byToken.set(token, one);
  }

  #isNewer(one: StandingObservation, { observe, receivedAt }: CoapResponse): boolean {
    if (observe === undefined) return true;
    const newest = { sequence: one.sequence, receivedAt: one.receivedAtSeconds * 1000 };
    // "MUST be ignored on reception" over reliable transports (RFC 8323 §7.1): they have `+` in their scheme.
    const isReliable = one.device.registration.localUrl.includes('+');
    if (!isReliable && !isNewerNotification(newest, { sequence: observe, receivedAt })) return false;
    one.sequence = observe;
    one.receivedAtSeconds = Math.floor(receivedAt / 1000);
    return true;
  }

  #tell(one: StandingObservation, response: CoapResponse): void {
    this.#options.onSamples(one.device, one.target, this.#samples(one, response));
  }

  #refused(one: StandingObservation, response: CoapResponse): never {
    const { code } = response;
    throw new ResponseError({ ...detailOf(one), responseCode: formatCode(code), diagnostic: diagnosticOf(response) });
  }

  /** @throws {UnexpectedAnswerError} */
  #samples(one: StandingObservation, response: CoapResponse): readonly Sample<unknown>[] {
    const { device, target } = one;
    const { at, definition, isExact: exact } = target;
    const known = device.lookup();
    const lookup: ObjectLookup =
      definition === undefined ? known : (id) => known(id) ?? (definition.id === id ? definition : undefined);
    const receivedAt = new Date(this.#options.epochMs());
    const { rootPath } = device.registration.inventory;
    try {
      const nodes = nodesOfAnswer(response, { path: at, lookup, nowSeconds: receivedAt.getTime() / 1000, rootPath });
      return samplesOf(nodes, (own) => valueFromNodes(at, own, lookup, exact), receivedAt);
    } catch (error) {
      throw answerError(error, detailOf(one));
    }
  }

  /** A notification of several blocks brings the first alone: the value is read as a whole (RFC 7959 §2.6). */
  async #fetch(one: StandingObservation): Promise<void> {
    const { target, device } = one;
    await device.withParts(async ({ management }) => {
      const calledFrom = new Error('called from');
      const call = { operation: 'Observe', path: target.path, calledFrom } as const;
      const { query: _query, ...init } = initOf(target, management.segments(target.at));
      const response = await management.send(call, init, {});
      management.assertSuccess(call, response, ResponseCode.Content);
      this.#tell(one, response);
    });
  }

  #find(device: StandingDevice, path: string): StandingObservation | undefined {
    for (let one = device.standing; one !== undefined; one = one.next) if (one.path === path) return one;
    return undefined;
  }

  #remove(removed: StandingObservation): void {
    const { device, token } = removed;
    this.#byToken.delete(token);
    let before: StandingObservation | undefined;
    let one = device.standing;
    while (one !== undefined && one !== removed) {
      before = one;
      one = one.next;
    }
    if (one === undefined) return;
    if (before === undefined) device.standing = removed.next;
    else before.next = removed.next;
    const { store, onError } = this.#options;
    const forget = async (): Promise<void> => await store.removeObservation(removed.toStored());
    forget().catch((error: unknown) => onError(error, device));
  }

  #target(path: Target, contentFormat: number | undefined, query: readonly string[]): ObservedTarget {
    const text = String(path);
    const definition = typeof path === 'string' ? undefined : path.definition;
    const exact = isExact(path, {});
    const key = `${text} ${contentFormat} ${exact} ${query.join('&')}`;
    const known = this.#targets.get(key);
    if (known !== undefined && known.definition === definition) return known;
    const made = { path: text, at: parsePath(text), definition, isExact: exact, contentFormat, query };
    if (known === undefined && this.#targets.size < TARGETS_MAX) this.#targets.set(key, made);
    return made;
  }
}

/** The class of the response codes that mean success (RFC 7252 §5.9.1). */
const SUCCESS_CLASS = 2;
/** The bit of a block that says that more follow (RFC 7959 §2.2). */
const MORE_BLOCKS = 0x08;

function detailOf({ device, path }: StandingObservation): LwM2mErrorDetail {
  return { operation: 'Observe', endpoint: device.endpoint, path };
}

function initOf({ contentFormat, query }: ObservedTarget, path: readonly string[]): CoapRequestInit {
  return { method: 'GET', path, query, ...(contentFormat === undefined ? {} : { accept: contentFormat }) };
}

function hasMoreBlocks({ options }: CoapResponse): boolean {
  const block = options.find(({ number }) => number === OptionNumber.Block2)?.value.at(-1);
  return block !== undefined && (block & MORE_BLOCKS) !== 0;
}

/** A name that none in the row has: those at its beginning are the newest. */
function idAfter(newest: StandingObservation | undefined): string {
  const number = newest === undefined ? 1 : Number(newest.id.slice(1)) + 1;
  return FIRST_IDS[number] ?? `s${number}`;
}

/** Names that all devices share: most have few observations. */
const FIRST_IDS: readonly string[] = Array.from({ length: 16 }, (_, number) => `s${number}`);
