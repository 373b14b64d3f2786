import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RegistrationFacts } from './registration-facts.ts';
import { registrationWakeAt, stepRegistration } from './registration-machine.ts';
import type {
  RegistrationCommand,
  RegistrationContext,
  RegistrationInput,
  RegistrationState,
} from './registration-state.ts';
import { defaultRetryPolicy } from './retry-policy.ts';

const location = ['rd', 'a'];
const facts: RegistrationFacts = { lifetimeSeconds: 300, bindingMode: 'U', queueMode: false, objectLinks: '</1/0>' };

/** What the world may do; an answer is given only to a request that is on its way. */
type Event = RegistrationInput['kind'];
const events: readonly Event[] = [
  'start',
  'registerAccepted',
  'registerFailed',
  'updateAccepted',
  'updateFailed',
  'deregisterFinished',
  'factsChanged',
  'updateTriggered',
  'registerTriggered',
  'disableRequested',
  'activity',
  'networkLost',
  'networkFound',
  'networkChanged',
  'connectionLost',
  'bootstrapStarted',
  'bootstrapFinished',
  'timeout',
];

function inputOf(kind: Event, responseCode: number): RegistrationInput {
  if (kind === 'start') return { kind, delayMs: responseCode };
  if (kind === 'registerAccepted') return { kind, location };
  if (kind === 'registerFailed' || kind === 'updateFailed') {
    return { kind, failure: { reason: 'refused', responseCode } };
  }
  if (kind === 'disableRequested') return { kind, durationMs: 5_000 };
  if (kind === 'bootstrapFinished') return { kind, succeeded: responseCode % 2 === 0 };
  if (kind === 'stop') return { kind, deregister: true };
  return { kind };
}

/** The request that is on its way after these commands. */
function inFlight(before: string | undefined, commands: readonly RegistrationCommand[]): string | undefined {
  let flying = before;
  for (const { kind } of commands) {
    if (kind === 'register' || kind === 'update' || kind === 'deregister') flying = kind;
    if (kind === 'disconnect' || kind === 'abandon') flying = undefined;
  }
  return flying;
}

const ANSWER_OF: Readonly<Record<string, string>> = {
  registerAccepted: 'register',
  registerFailed: 'register',
  updateAccepted: 'update',
  updateFailed: 'update',
  deregisterFinished: 'deregister',
};

/** A registration, and the world around it. */
class World {
  state: RegistrationState = { kind: 'idle' };
  flying: string | undefined;
  isOnline = true;
  #now = 0;
  readonly #traits: Pick<RegistrationContext, 'awakeMs' | 'mayBootstrap' | 'isKnownAnywhere'>;

  constructor(traits: Pick<RegistrationContext, 'awakeMs' | 'mayBootstrap' | 'isKnownAnywhere'>) {
    this.#traits = traits;
  }

  /** Lets something happen, if it can. */
  happen(kind: Event, code: number, passed: number): void {
    const wanted = ANSWER_OF[kind];
    if (wanted !== undefined && wanted !== this.flying) return;
    if (wanted !== undefined) this.flying = undefined;
    if (kind === 'networkLost') this.isOnline = false;
    if (kind === 'networkFound' || kind === 'networkChanged') this.isOnline = true;
    this.#now += passed;
    const { state, commands } = stepRegistration(this.state, inputOf(kind, code), {
      ...this.#traits,
      facts: { ...facts, lifetimeSeconds: 300 + (passed % 2) },
      retry: defaultRetryPolicy,
      now: this.#now,
      random: 0.5,
      isOnline: this.isOnline,
    });
    this.state = state;
    this.flying = inFlight(this.flying, commands);
  }

  /** An answer, a timer or somebody else leads out of every state; without a network nothing is on its way. */
  assertAlive(): void {
    const { kind } = this.state;
    const awaitsAnswer = ['registering', 'updating', 'deregistering'].includes(kind);
    const awaitsOthers = ['idle', 'offline', 'bootstrapping', 'failed'].includes(kind);
    expect(this.flying !== undefined, kind).toBe(awaitsAnswer);
    if (!awaitsAnswer && !awaitsOthers) expect(registrationWakeAt(this.state), kind).toBeGreaterThan(0);
    if (!this.isOnline) expect(['registered', 'asleep']).not.toContain(kind);
  }
}

/** The network goes, and what would send a Register comes then: found by this very test. */
const withoutNetwork: [
  [Event, 0x80, number][],
  { awakeMs: undefined; mayBootstrap: boolean; isKnownAnywhere: boolean },
][] = [
  ['bootstrapFinished', 'registerAccepted'] as const,
  ['bootstrapFinished', 'timeout', 'registerAccepted'] as const,
].map((rest) => [
  (['networkLost', 'bootstrapStarted', ...rest] as const).map((kind): [Event, 0x80, number] => [kind, 0x80, 200_000]),
  { awakeMs: undefined, mayBootstrap: false, isKnownAnywhere: false },
]);

test('whatever happens, in whatever order: no state is left without something that leads out of it', () => {
  const code = fc.constantFrom(0x80, 0x83, 0x84, 0x89, 0xa3);
  const history = fc.array(fc.tuple(fc.constantFrom(...events), code, fc.nat(400_000)), { maxLength: 60 });
  const traits = fc.record({
    awakeMs: fc.constantFrom(undefined, 93_000),
    mayBootstrap: fc.boolean(),
    isKnownAnywhere: fc.boolean(),
  });
  fc.assert(
    fc.property(history, traits, (happened, trait) => {
      const world = new World(trait);
      for (const [kind, responseCode, passed] of happened) {
        world.happen(kind, responseCode, passed);
        world.assertAlive();
      }
    }),
    { numRuns: 3_000, examples: withoutNetwork },
  );
});
