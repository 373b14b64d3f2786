import { encodeUtf8 } from '@motestack/bytes';
import {
  type Clock,
  type CoapAnswer,
  type CoapRequest,
  formatPeerIdentity,
  type Instant,
  type PeerIdentity,
  type RandomSource,
  ResponseCode,
} from '@motestack/coap';
import type { Awaitable } from '../awaitable.ts';
import { identityFault } from '../security/identity-fault.ts';
import type { SecurityStore } from '../security/security-store.ts';
import { decideRegister, decideUpdate, type RegistrationRequest, readRegister } from './decide-registration.ts';
import { ExpiryQueue } from './expiry-queue.ts';
import { Lanes } from './lanes.ts';
import { makeLocation } from './location.ts';
import { expiresAtEpochMs, type Registration } from './registration.ts';
import type { RegistrationChange, RegistrationListener } from './registration-change.ts';
import type { RegistrationFault } from './registration-fault.ts';
import type { ParameterRules, RegisterParameters } from './registration-parameters.ts';
import type { CommitResult, RegistrationStore } from './registration-store.ts';

/** What an {@link Authorizer} is asked about. */
export interface AuthorizationRequest {
  /** The parameters of the Register. */
  readonly parameters: RegisterParameters;
  /** Who sent it. */
  readonly peer: string;
  /** Who that is, as the handshake proved; `undefined`: nothing was proved. */
  readonly identity: PeerIdentity | undefined;
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
  /** Knows what endpoint names are proved by; without it none has to be. */
  readonly security?: SecurityStore | undefined;
  /** Hears of changes. */
  readonly listener: RegistrationListener;
  /** Told of what an authorizer or a store threw, and of the request that it failed; `Event` is the end of a lifetime. */
  readonly onError: (error: unknown, operation: 'Register' | 'Update' | 'De-register' | 'Event') => void;
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
   * Answers a request under `/rd`. If the authorizer or the store fails, `onError` hears of it, and the device is told 5.00 without
   * a text.
   *
   * @param request any method, any path that begins with `rd`
   * @param localUrl the server's address that received it
   */
  async handleRequest(request: CoapRequest, localUrl: string): Promise<CoapAnswer> {
    try {
      return await this.#answer(request, localUrl);
    } catch (error) {
      this.#options.onError(error, operationOf(request));
      return { code: ResponseCode.InternalServerError };
    }
  }

  #answer(request: CoapRequest, localUrl: string): Awaitable<CoapAnswer> {
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

  #register(request: CoapRequest, localUrl: string): Awaitable<CoapAnswer> {
    const read = readRegister(registrationRequest(request, localUrl), this.#options.rules);
    if (!read.ok) return faultAnswer(read.fault);
    const { parameters } = read.value;
    const { store, clock, random, authorize, security } = this.#options;
    const { peer, identity } = request;
    const answer = this.#lanes.run(parameters.endpoint, async () => {
      const fault = security === undefined ? undefined : await identityFault(parameters.endpoint, identity, security);
      if (fault !== undefined) return faultAnswer(fault);
      if (authorize !== undefined && !(await authorize({ parameters, peer, identity }))) {
        return { code: ResponseCode.Forbidden };
      }
      const from = { peer, localUrl, identity: identityText(request) };
      const load = (): Awaitable<Registration | undefined> => store.findByEndpoint(parameters.endpoint);
      return await this.#change(request, load, (replaced) => {
        const registration = decideRegister(read.value, from, makeLocation(random), clock.epochMs());
        return {
          change: { kind: 'registered', registration, replaced },
          answer: { code: ResponseCode.Created, locationPath: ['rd', registration.id] },
        };
      });
    });
    return answer ?? { code: ResponseCode.ServiceUnavailable };
  }

  #update(request: CoapRequest, localUrl: string, id: string): Promise<CoapAnswer> {
    const { clock, rules } = this.#options;
    return this.#changeAt(id, request, (previous) => {
      const decision = decideUpdate(previous, registrationRequest(request, localUrl), rules, clock.epochMs());
      if (!decision.ok) return { answer: faultAnswer(decision.fault) };
      const change = { kind: 'updated', registration: decision.value, previous } as const;
      return { change, answer: { code: ResponseCode.Changed } };
    });
  }

  #deregister(request: CoapRequest, id: string): Promise<CoapAnswer> {
    return this.#changeAt(id, request, (registration) => ({
      change: { kind: 'ended', registration, reason: 'deregister' },
      answer: { code: ResponseCode.Deleted },
    }));
  }

  /** Decides on the registration at a location, in its lane; without one that is the sender's own the answer is 4.04 (LwM2M Transport Table 6.7-2). */
  async #changeAt(id: string, request: CoapRequest, decide: (present: Registration) => Decision): Promise<CoapAnswer> {
    const { store } = this.#options;
    const found = await store.findById(id);
    if (found === undefined) return { code: ResponseCode.NotFound };
    const answer = this.#lanes.run(found.endpoint, () =>
      this.#change(
        request,
        () => store.findById(id),
        (present) => {
          // Only who registered may go on with a registration; whoever else asks does not learn that it is there.
          const isOwn = present !== undefined && present.identity === identityText(request);
          return isOwn ? decide(present) : { answer: { code: ResponseCode.NotFound } };
        },
      ),
    );
    return (await answer) ?? { code: ResponseCode.ServiceUnavailable };
  }

  /** Loads, decides and commits, again while the store says that the state changed meanwhile. */
  async #change(
    request: CoapRequest,
    load: () => Awaitable<Registration | undefined>,
    decide: (present: Registration | undefined) => Decision,
  ): Promise<CoapAnswer> {
    for (let attempt = 0; attempt < COMMIT_ATTEMPTS_MAX; attempt++) {
      const present = await load();
      const { change, answer } = decide(present);
      if (change === undefined) return answer;
      // The device was told 5.03 for want of this answer: what it does not know of must not be done.
      if (request.signal.aborted) break;
      const result = await this.#commit(change, present);
      if (result === 'committed') return { ...answer, whenSent: this.#apply(change, request) };
      if (result === 'full') break;
    }
    return { code: ResponseCode.ServiceUnavailable };
  }

  #commit(change: RegistrationChange, expected: Registration | undefined): Awaitable<CommitResult> {
    const { store, rules } = this.#options;
    const { registrationsMax } = rules.limits;
    const { endpoint } = change.registration;
    const next = change.kind === 'ended' ? undefined : change.registration;
    return store.commit({ endpoint, expected, next, registrationsMax });
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
    if (request?.signal.aborted === true) tellOnce();
    else request?.signal.addEventListener('abort', tellOnce);
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
    for (const id of expired) this.#expire(id).catch((error: unknown) => this.#expiryFailed(id, error));
    this.#arm(wakeAt);
  }

  #expiryFailed(id: string, error: unknown): void {
    this.#options.onError(error, 'Event');
    this.#trackUntil(id, this.#options.clock.now() + STORE_RETRY_MS);
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
      const change = { kind: 'ended', registration: present, reason: 'expired' } as const;
      if ((await this.#commit(change, present)) === 'committed') this.#apply(change, undefined)();
      else this.#track(present);
    });
    // A full lane means that the device is heard from right now: look again in a moment.
    if (done === undefined) this.#trackUntil(id, clock.now() + EXPIRY_RETRY_MS);
    await done;
  }
}

/** What follows from a request: an answer, with the change that it tells of or without one. */
interface Decision {
  readonly change?: RegistrationChange;
  readonly answer: CoapAnswer;
}

/** How often a decision is made anew when the store says that the state under it changed. */
const COMMIT_ATTEMPTS_MAX = 4;
const EXPIRY_RETRY_MS = 1_000;
/** A store that failed is not asked about each registration again and again. */
const STORE_RETRY_MS = 30_000;

function operationOf({ method, path }: CoapRequest): 'Register' | 'Update' | 'De-register' {
  if (method === 'DELETE') return 'De-register';
  return path.length > 1 ? 'Update' : 'Register';
}

function registrationRequest(request: CoapRequest, localUrl: string): RegistrationRequest {
  const { peer, query, contentFormat, payload } = request;
  return { peer, localUrl, identity: identityText(request), query, contentFormat, payload };
}

function identityText({ identity }: CoapRequest): string | undefined {
  return identity === undefined ? undefined : formatPeerIdentity(identity);
}

/** The reason travels as diagnostic payload (RFC 7252 §5.5.2). */
function faultAnswer({ code, reason }: RegistrationFault): CoapAnswer {
  return { code, payload: encodeUtf8(reason) };
}
