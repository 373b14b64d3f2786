import { encodeUtf8 } from '@motestack/bytes';
import { type Clock, type CoapAnswer, type CoapRequest, type RandomSource, ResponseCode } from '@motestack/coap';
import type { ObjectInventory } from '@motestack/codecs';
import type { Awaitable } from '../awaitable.ts';
import { endpointOfIdentity } from '../security/endpoint-of-identity.ts';
import { identityFault } from '../security/identity-fault.ts';
import type { SecurityStore } from '../security/security-store.ts';
import type { Approval, AuthorizationRequest, Authorizer } from './authorizer.ts';
import {
  decideRegister,
  decideUpdate,
  missingInventory,
  type ReadRegister,
  type RegistrationRules,
  readRegister,
} from './decide-registration.ts';
import { InventoryPool } from './inventory-pool.ts';
import { Lanes } from './lanes.ts';
import { makeLocation } from './location.ts';
import { inventoryOfProfiles, type ProfileStore } from './profile-store.ts';
import type { Registration } from './registration.ts';
import type { RegistrationChange, RegistrationListener } from './registration-change.ts';
import { RegistrationExpiry } from './registration-expiry.ts';
import type { RegistrationFault } from './registration-fault.ts';
import { type ParameterRules, parseUpdateParameters } from './registration-parameters.ts';
import { identityText, operationOf, registrationRequest } from './registration-request.ts';
import type { CommitResult, RegistrationStore } from './registration-store.ts';

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
  /** Asked at each request; without it every device may do everything. */
  readonly authorize: Authorizer | undefined;
  /** Knows what endpoint names are proved by; without it none has to be. */
  readonly security?: SecurityStore | undefined;
  /** Knows what Profile IDs stand for; without it none stands in for an object list. */
  readonly profiles?: ProfileStore | undefined;
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
  readonly #rules: RegistrationRules;
  readonly #lanes: Lanes;
  readonly #expiry: RegistrationExpiry;
  #closed = false;

  /** @param options what it stands on */
  constructor(options: RegistrationInterfaceOptions) {
    this.#options = options;
    const { clock, rules } = options;
    this.#rules = { ...rules, inventories: new InventoryPool() };
    this.#lanes = new Lanes(rules.limits.registrationRequestsWaitingMax);
    this.#expiry = new RegistrationExpiry({
      clock,
      graceSeconds: rules.limits.lifetimeGraceSeconds,
      expire: (id) => void this.#expire(id).catch((error: unknown) => this.#expiryFailed(id, error)),
    });
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
    for await (const registration of this.#options.store.registrations()) this.#expiry.track(registration);
  }

  /** Ends the timer; requests that come later are told 5.03. */
  close(): void {
    this.#closed = true;
    this.#expiry.close();
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
    if (request.method === 'DELETE') return this.#deregister(request, localUrl, id);
    return { code: ResponseCode.MethodNotAllowed };
  }

  async #register(request: CoapRequest, localUrl: string): Promise<CoapAnswer> {
    const { security } = this.#options;
    const { identity } = request;
    const isNamed = identity === undefined || request.query.some((text) => text.startsWith('ep='));
    const provedEndpoint = isNamed ? undefined : await endpointOfIdentity(identity, security);
    const read = readRegister(registrationRequest(request, localUrl), this.#rules, provedEndpoint);
    if (!read.ok) return faultAnswer(read.fault);
    const { endpoint } = read.value.parameters;
    const answer = await this.#lanes.run(endpoint, async () => {
      const fault = security === undefined ? undefined : await identityFault(endpoint, identity, security);
      return fault === undefined ? await this.#registerRead(read.value, request, localUrl) : faultAnswer(fault);
    });
    return answer ?? UNAVAILABLE;
  }

  async #registerRead(
    { parameters, inventory: listed }: ReadRegister,
    request: CoapRequest,
    localUrl: string,
  ): Promise<CoapAnswer> {
    const { store, clock, random } = this.#options;
    const { endpoint } = parameters;
    const load = (): Awaitable<Registration | undefined> => store.findByEndpoint(endpoint);
    const asked = this.#approval(request, async (subject) => ({
      ...subject,
      operation: 'Register',
      endpoint,
      localUrl,
      parameters,
      registration: await load(),
    }));
    const approval = asked instanceof Promise ? await asked : asked;
    if (approval === false) return { code: ResponseCode.Forbidden };
    const isListed = this.#options.profiles === undefined || parameters.profileIds === undefined;
    const inventory = isListed ? listed : await this.#inventory(parameters.profileIds, listed);
    if (inventory === undefined) return faultAnswer(missingInventory);
    const from = { peer: request.peer, localUrl, identity: identityText(request) };
    return await this.#change(request, load, (replaced) => {
      const { applicationData } = approval;
      const id = makeLocation(random);
      const nowEpochMs = clock.epochMs();
      const registration = decideRegister({ parameters, inventory, from, applicationData, id, nowEpochMs });
      return {
        change: { kind: 'registered', registration, replaced },
        answer: { code: ResponseCode.Created, locationPath: ['rd', registration.id] },
      };
    });
  }

  /** The list that came, or the one that the profiles stand for (LwM2M Core 1.2 §6.2.1). */
  async #inventory(
    profileIds: readonly string[] | undefined,
    listed: ObjectInventory | undefined,
  ): Promise<ObjectInventory | undefined> {
    const { profiles } = this.#options;
    if (profiles === undefined || profileIds === undefined) return listed;
    if (listed === undefined) return await inventoryOfProfiles(profileIds, profiles);
    const [only, ...others] = profileIds;
    if (only !== undefined && others.length === 0) await profiles.learn?.(only, listed);
    return listed;
  }

  #update(request: CoapRequest, localUrl: string, id: string): Promise<CoapAnswer> {
    const { clock } = this.#options;
    return this.#changeAt(id, request, async (registration) => {
      const parsed = parseUpdateParameters(request.query, this.#rules);
      if (!parsed.ok) return faultAnswer(parsed.fault);
      const { endpoint } = registration;
      const asked = this.#approval(request, (subject) => ({
        ...subject,
        operation: 'Update',
        endpoint,
        localUrl,
        parameters: parsed.value,
        registration,
      }));
      const approval = asked instanceof Promise ? await asked : asked;
      if (approval === false) return REFUSED;
      const { applicationData } = approval;
      const isListed = request.payload.length > 0 || parsed.value.profileIds === undefined;
      const profiled = isListed ? undefined : await this.#inventory(parsed.value.profileIds, undefined);
      if (!isListed && profiled === undefined)
        return faultAnswer({ ...missingInventory, code: ResponseCode.BadRequest });
      return (previous) => {
        const decision = decideUpdate(previous, registrationRequest(request, localUrl), this.#rules, clock.epochMs());
        if (!decision.ok) return { answer: faultAnswer(decision.fault) };
        const data = applicationData === undefined ? {} : { applicationData };
        const registration = { ...decision.value, ...data, inventory: profiled ?? decision.value.inventory };
        const change = { kind: 'updated', registration, previous } as const;
        return { change, answer: { code: ResponseCode.Changed } };
      };
    });
  }

  #deregister(request: CoapRequest, localUrl: string, id: string): Promise<CoapAnswer> {
    return this.#changeAt(id, request, async (present) => {
      const asked = this.#approval(request, (subject) => ({
        ...subject,
        operation: 'De-register',
        endpoint: present.endpoint,
        localUrl,
        registration: present,
      }));
      const approval = asked instanceof Promise ? await asked : asked;
      if (approval === false) return REFUSED;
      return (registration) => ({
        change: { kind: 'ended', registration, reason: 'deregister' },
        answer: { code: ResponseCode.Deleted },
      });
    });
  }

  /** Asks the authorizer. @returns `false`: no; otherwise what is to be attached to the registration */
  #approval(
    { peer, identity }: CoapRequest,
    subjectOf: (subject: Pick<AuthorizationRequest, 'peer' | 'identity'>) => Awaitable<AuthorizationRequest>,
  ): Awaitable<Attachment | false> {
    const { authorize } = this.#options;
    if (authorize === undefined) return NOTHING_ATTACHED;
    const ask = async (): Promise<Attachment | false> => {
      const answer: boolean | Approval = await authorize(await subjectOf({ peer, identity }));
      if (answer === false) return false;
      return answer === true ? NOTHING_ATTACHED : { applicationData: answer.applicationData };
    };
    return ask();
  }

  /**
   * Decides on the registration at a location, in its lane; without one that is the sender's own the answer is 4.04
   * (LwM2M Transport Table 6.7-2).
   *
   * @param judge is given the registration, and gives an answer or how to decide
   */
  async #changeAt(
    id: string,
    request: CoapRequest,
    judge: (present: Registration) => Promise<CoapAnswer | ((present: Registration) => Decision)>,
  ): Promise<CoapAnswer> {
    const { store } = this.#options;
    const finding = store.findById(id);
    const found = finding instanceof Promise ? await finding : finding;
    if (found === undefined) return NOT_FOUND;
    // Only who registered may go on with a registration; whoever else asks does not learn that it is there.
    const isOwn = (present: Registration | undefined): present is Registration =>
      present !== undefined && present.identity === identityText(request);
    const answer = this.#lanes.run(found.endpoint, async () => {
      const loading = store.findById(id);
      const present = loading instanceof Promise ? await loading : loading;
      if (!isOwn(present)) return NOT_FOUND;
      const decide = await judge(present);
      if (typeof decide !== 'function') return decide;
      const load = (): Awaitable<Registration | undefined> => store.findById(id);
      return await this.#change(request, load, (now) => (isOwn(now) ? decide(now) : { answer: NOT_FOUND }));
    });
    return (await answer) ?? UNAVAILABLE;
  }

  /** Loads, decides and commits, again while the store says that the state changed meanwhile. */
  async #change(
    request: CoapRequest,
    load: () => Awaitable<Registration | undefined>,
    decide: (present: Registration | undefined) => Decision,
  ): Promise<CoapAnswer> {
    for (let attempt = 0; attempt < COMMIT_ATTEMPTS_MAX; attempt++) {
      const loaded = load();
      // Waits only for what is a promise: a store in memory answers at once.
      const present = loaded instanceof Promise ? await loaded : loaded;
      const { change, answer } = decide(present);
      if (change === undefined) return answer;
      // The device was told 5.03 for want of this answer: what it does not know of must not be done.
      if (request.signal.aborted) break;
      const committing = this.#commit(change, present);
      const result = committing instanceof Promise ? await committing : committing;
      if (result === 'committed') return { ...answer, whenSent: this.#apply(change, request) };
      if (result === 'full') break;
    }
    return UNAVAILABLE;
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
    else this.#expiry.track(change.registration);
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

  #expiryFailed(id: string, error: unknown): void {
    this.#options.onError(error, 'Event');
    this.#expiry.trackUntil(id, this.#options.clock.now() + STORE_RETRY_MS);
  }

  /** Ends a registration whose time is over, unless an Update got in first (LwM2M Core §6.2.1: the server removes it). */
  async #expire(id: string): Promise<void> {
    const { store, clock } = this.#options;
    const found = await store.findById(id);
    if (found === undefined) return;
    const done = this.#lanes.run(found.endpoint, async () => {
      const present = await store.findById(id);
      if (present === undefined) return;
      const endsAt = this.#expiry.endOf(present);
      if (endsAt === undefined) return;
      if (endsAt > clock.epochMs()) return this.#expiry.track(present);
      const change = { kind: 'ended', registration: present, reason: 'expired' } as const;
      if ((await this.#commit(change, present)) === 'committed') this.#apply(change, undefined)();
      else this.#expiry.track(present);
    });
    // A full lane means that the device is heard from right now: look again in a moment.
    if (done === undefined) this.#expiry.trackUntil(id, clock.now() + EXPIRY_RETRY_MS);
    await done;
  }
}

/** What follows from a request: an answer, with the change that it tells of or without one. */
interface Decision {
  readonly change?: RegistrationChange;
  readonly answer: CoapAnswer;
}

const UNAVAILABLE: CoapAnswer = { code: ResponseCode.ServiceUnavailable };
const NOT_FOUND: CoapAnswer = { code: ResponseCode.NotFound };
/** Update, De-register and Send know no 4.03 (LwM2M Transport Table 6.7-2). */
const REFUSED: CoapAnswer = faultAnswer({ code: ResponseCode.BadRequest, reason: 'this is not allowed' });
const NOTHING_ATTACHED: Attachment = {};

/** What an authorizer attaches, if it does. */
type Attachment = Partial<Approval>;

/** How often a decision is made anew when the state under it changed. */
const COMMIT_ATTEMPTS_MAX = 4;
const EXPIRY_RETRY_MS = 1_000;
/** A store that failed is not asked about each registration again and again. */
const STORE_RETRY_MS = 30_000;

/** The reason travels as diagnostic payload (RFC 7252 §5.5.2). */
function faultAnswer({ code, reason }: RegistrationFault): CoapAnswer {
  return { code, payload: encodeUtf8(reason) };
}
