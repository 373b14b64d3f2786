import { encodeUtf8 } from '@motestack/bytes';
import {
  type Clock,
  type CoapAnswer,
  type CoapRequest,
  type Instant,
  type RandomSource,
  ResponseCode,
} from '@motestack/coap';
import type { Awaitable } from '../awaitable.ts';
import { decideRegister, decideUpdate, type RegistrationRequest, readRegister } from './decide-registration.ts';
import { ExpiryQueue } from './expiry-queue.ts';
import { Lanes } from './lanes.ts';
import { makeLocation } from './location.ts';
import { expiresAtEpochMs, type Registration } from './registration.ts';
import type { RegistrationChange, RegistrationListener } from './registration-change.ts';
import type { RegistrationFault } from './registration-fault.ts';
import type { ParameterRules, RegisterParameters } from './registration-parameters.ts';
import type { RegistrationStore } from './registration-store.ts';

/** What an {@link Authorizer} is asked about. */
export interface AuthorizationRequest {
  /** The parameters of the Register. */
  readonly parameters: RegisterParameters;
  /** Who sent it. */
  readonly peer: string;
}

/** Says whether a device may register. One that may not is told 4.03 (LwM2M Transport Table 6.7-2). */
export type Authorizer = (request: AuthorizationRequest) => Awaitable<boolean>;

/** What the registration interface stands on. */
export interface RegistrationInterfaceOptions {
  /** Where registrations are. */
  readonly store: RegistrationStore;
  /** Time. */
  readonly clock: Clock;
  /** For locations; cryptographically secure. */
  readonly random: RandomSource;
  /** Limits and leniencies. */
  readonly rules: ParameterRules;
  /** Asked at each Register; without it every device may register. */
  readonly authorize: Authorizer | undefined;
  /** Hears of changes. */
  readonly listener: RegistrationListener;
  /** Told of what went wrong where nobody waits for an answer. */
  readonly onError: (error: unknown) => void;
}

/**
 * The server's side of the registration interface: answers Register, Update and De-register and ends what expires. Each request
 * runs in the lane of its endpoint name: load, decide, one compare-and-set write, answer, event.
 *
 * @see LwM2M Core §6.2; LwM2M Transport §6.4.3
 */
export class RegistrationInterface {
  readonly #options: RegistrationInterfaceOptions;
  readonly #lanes: Lanes;
  readonly #expiry = new ExpiryQueue();
  #cancelWake: (() => void) | undefined;
  #wakeAt: number | undefined;
  #closed = false;

  /** @param options what it stands on */
  constructor(options: RegistrationInterfaceOptions) {
    this.#options = options;
    this.#lanes = new Lanes(options.rules.limits.registrationRequestsWaitingMax);
  }

  /** How many registration requests run or wait. */
  get requestsInFlight(): number {
    return this.#lanes.tasks;
  }

  /** How many registrations have an end that is waited for. */
  get deadlines(): number {
    return this.#expiry.size;
  }

  /** Takes over the deadlines of what the store already holds. */
  async start(): Promise<void> {
    for await (const registration of this.#options.store.registrations()) this.#track(registration);
  }

  /** Ends the timer; requests that come later are told 5.03. */
  close(): void {
    this.#closed = true;
    this.#cancelWake?.();
    this.#cancelWake = undefined;
  }

  /**
   * Answers a request under `/rd`.
   *
   * @param request any method, any path that begins with `rd`
   * @param localUrl the server's address that received it
   */
  handleRequest(request: CoapRequest, localUrl: string): CoapAnswer | Promise<CoapAnswer> {
    const [, id, ...deeper] = request.path;
    if (deeper.length > 0) return { code: ResponseCode.NotFound };
    if (this.#closed) return { code: ResponseCode.ServiceUnavailable };
    // LwM2M Transport §6.4.3: POST on /rd, POST and DELETE on the location; RFC 7252 §5.8: other methods are 4.05.
    if (id === undefined) {
      return request.method === 'POST' ? this.#register(request, localUrl) : { code: ResponseCode.MethodNotAllowed };
    }
    if (request.method === 'POST') return this.#update(request, localUrl, id);
    if (request.method === 'DELETE') return this.#deregister(request, id);
    return { code: ResponseCode.MethodNotAllowed };
  }

  #register(request: CoapRequest, localUrl: string): CoapAnswer | Promise<CoapAnswer> {
    const read = readRegister(registrationRequest(request, localUrl), this.#options.rules);
    if (!read.ok) return faultAnswer(read.fault);
    const { parameters } = read.value;
    const { store, clock, random, authorize, rules } = this.#options;
    const answer = this.#lanes.run(parameters.endpoint, async () => {
      if (authorize !== undefined && !(await authorize({ parameters, peer: request.peer }))) {
        return { code: ResponseCode.Forbidden };
      }
      for (let attempt = 0; attempt < COMMIT_ATTEMPTS_MAX; attempt++) {
        const previous = await store.findByEndpoint(parameters.endpoint);
        const location = { peer: request.peer, localUrl };
        const next = decideRegister(read.value, location, makeLocation(random), clock.epochMs());
        const { registrationsMax } = rules.limits;
        const result = await store.commit({ endpoint: next.endpoint, expected: previous, next, registrationsMax });
        if (result === 'full') return { code: ResponseCode.ServiceUnavailable };
        if (result === 'conflict') continue;
        const whenSent = this.#apply({ kind: 'registered', registration: next, replaced: previous }, request);
        return { code: ResponseCode.Created, locationPath: ['rd', next.id], whenSent };
      }
      return { code: ResponseCode.ServiceUnavailable };
    });
    return answer ?? { code: ResponseCode.ServiceUnavailable };
  }

  async #update(request: CoapRequest, localUrl: string, id: string): Promise<CoapAnswer> {
    const { store, clock, rules } = this.#options;
    return await this.#atLocation(id, async (previous, endpoint) => {
      const decision = decideUpdate(previous, registrationRequest(request, localUrl), rules, clock.epochMs());
      if (!decision.ok) return faultAnswer(decision.fault);
      const next = decision.value;
      const { registrationsMax } = rules.limits;
      const result = await store.commit({ endpoint, expected: previous, next, registrationsMax });
      if (result !== 'committed') return undefined;
      return {
        code: ResponseCode.Changed,
        whenSent: this.#apply({ kind: 'updated', registration: next, previous }, request),
      };
    });
  }

  async #deregister(request: CoapRequest, id: string): Promise<CoapAnswer> {
    return await this.#atLocation(id, async (previous, endpoint) => {
      if (!(await this.#end(previous, endpoint))) return undefined;
      const whenSent = this.#apply({ kind: 'ended', registration: previous, reason: 'deregister' }, request);
      return { code: ResponseCode.Deleted, whenSent };
    });
  }

  /**
   * Runs a decision on the registration at a location, in its lane, again while the store says that it changed meanwhile.
   * Without a registration the answer is 4.04 (LwM2M Transport Table 6.7-2).
   */
  async #atLocation(
    id: string,
    decide: (registration: Registration, endpoint: string) => Promise<CoapAnswer | undefined>,
  ): Promise<CoapAnswer> {
    const { store } = this.#options;
    const found = await store.findById(id);
    if (found === undefined) return { code: ResponseCode.NotFound };
    const answer = this.#lanes.run(found.endpoint, async () => {
      for (let attempt = 0; attempt < COMMIT_ATTEMPTS_MAX; attempt++) {
        const present = await store.findById(id);
        if (present === undefined) return { code: ResponseCode.NotFound };
        const decided = await decide(present, present.endpoint);
        if (decided !== undefined) return decided;
      }
      return { code: ResponseCode.ServiceUnavailable };
    });
    return (await answer) ?? { code: ResponseCode.ServiceUnavailable };
  }

  async #end(registration: Registration, endpoint: string): Promise<boolean> {
    const { store, rules } = this.#options;
    const { registrationsMax } = rules.limits;
    const result = await store.commit({ endpoint, expected: registration, next: undefined, registrationsMax });
    return result === 'committed';
  }

  /** Tells the first half of a change, and gives what tells the second half: once, when the answer left or is no longer wanted. */
  #apply(change: RegistrationChange, request: CoapRequest | undefined): () => void {
    if (change.kind === 'registered' && change.replaced !== undefined) this.#expiry.untrack(change.replaced.id);
    if (change.kind === 'ended') this.#expiry.untrack(change.registration.id);
    else this.#track(change.registration);
    const tell = this.#options.listener.applied(change);
    let told = false;
    const tellOnce = (): void => {
      if (told) return;
      told = true;
      tell();
    };
    request?.signal.addEventListener('abort', tellOnce);
    return tellOnce;
  }

  #track(registration: Registration): void {
    const { clock } = this.#options;
    const expiresAt = expiresAtEpochMs(registration);
    if (expiresAt === undefined) this.#expiry.untrack(registration.id);
    else this.#trackUntil(registration.id, clock.now() + (expiresAt - clock.epochMs()));
  }

  #trackUntil(id: string, deadline: Instant): void {
    this.#expiry.track(id, deadline);
    this.#arm(this.#expiry.wakeAt);
  }

  #arm(wakeAt: number | undefined): void {
    if (this.#closed || (wakeAt === this.#wakeAt && this.#cancelWake !== undefined)) return;
    this.#cancelWake?.();
    this.#wakeAt = wakeAt;
    this.#cancelWake = wakeAt === undefined ? undefined : this.#options.clock.schedule(wakeAt, () => this.#wake());
  }

  #wake(): void {
    this.#cancelWake = undefined;
    const { expired, wakeAt } = this.#expiry.handleTimeout(this.#options.clock.now());
    for (const id of expired) this.#expire(id).catch(this.#options.onError);
    this.#arm(wakeAt);
  }

  /** Ends a registration whose time is over, unless an Update got in first (LwM2M Core §6.2.1: the server removes it). */
  async #expire(id: string): Promise<void> {
    const { store, clock } = this.#options;
    const found = await store.findById(id);
    if (found === undefined) return;
    const done = this.#lanes.run(found.endpoint, async () => {
      const present = await store.findById(id);
      if (present === undefined) return;
      const expiresAt = expiresAtEpochMs(present);
      if (expiresAt === undefined) return;
      if (expiresAt > clock.epochMs()) return this.#track(present);
      if (await this.#end(present, present.endpoint)) {
        this.#apply({ kind: 'ended', registration: present, reason: 'expired' }, undefined)();
      } else this.#track(present);
    });
    // A full lane means that the device is heard from right now: look again in a moment.
    if (done === undefined) this.#trackUntil(id, clock.now() + EXPIRY_RETRY_MS);
    await done;
  }
}

/** How often a decision is made anew when the store says that the state under it changed. */
const COMMIT_ATTEMPTS_MAX = 4;
const EXPIRY_RETRY_MS = 1_000;

function registrationRequest(request: CoapRequest, localUrl: string): RegistrationRequest {
  const { peer, query, contentFormat, payload } = request;
  return { peer, localUrl, query, contentFormat, payload };
}

/** The reason travels as diagnostic payload (RFC 7252 §5.5.2). */
function faultAnswer({ code, reason }: RegistrationFault): CoapAnswer {
  return { code, payload: encodeUtf8(reason) };
}
