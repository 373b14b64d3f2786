import { describe, expect, test } from 'vitest';
import type { RegistrationFacts } from './registration-facts.ts';
import { registrationWakeAt, stepRegistration } from './registration-machine.ts';
import type { RegistrationContext, RegistrationInput, RegistrationState } from './registration-state.ts';
import { defaultRetryPolicy } from './retry-policy.ts';

const facts: RegistrationFacts = {
  lifetimeSeconds: 300,
  bindingMode: 'U',
  queueMode: false,
  objectLinks: '</1/0>,</3/0>',
};
const context: RegistrationContext = {
  facts,
  retry: defaultRetryPolicy,
  now: 1_000,
  random: 0,
  awakeMs: undefined,
  mayBootstrap: false,
  isKnownAnywhere: false,
  isOnline: true,
};
const longer = { ...facts, lifetimeSeconds: 600 };
const location = ['rd', 'a', 'b'];
const position = { attempt: 1, sequence: 1 };

const states = {
  idle: { kind: 'idle' },
  registering: { kind: 'registering', position, sent: facts, sentAt: 500, listed: true, leaving: false },
  waiting: { kind: 'waiting', position: { attempt: 2, sequence: 1 }, until: 60_000 },
  registered: { kind: 'registered', location, known: facts, updateAt: 208_000, expiresAt: 300_500, sleepAt: undefined },
  updating: { kind: 'updating', location, sent: facts, sentAt: 700, again: false, expiresAt: 300_500 },
  deregistering: { kind: 'deregistering', location, disabledMs: undefined },
  disabled: { kind: 'disabled', until: 90_000 },
  stopped: { kind: 'stopped' },
} satisfies Record<string, RegistrationState>;

const refused = { reason: 'refused', responseCode: 0x83 } as const;
const forgotten = { reason: 'refused', responseCode: 0x84 } as const;
const silent = { reason: 'timeout' } as const;

const inputs = {
  start: { kind: 'start', delayMs: 0 },
  registerAccepted: { kind: 'registerAccepted', location },
  registerFailed: { kind: 'registerFailed', failure: refused },
  updateAccepted: { kind: 'updateAccepted' },
  updateFailed: { kind: 'updateFailed', failure: silent },
  updateForgotten: { kind: 'updateFailed', failure: forgotten },
  deregisterFinished: { kind: 'deregisterFinished' },
  factsChanged: { kind: 'factsChanged' },
  updateTriggered: { kind: 'updateTriggered' },
  disableRequested: { kind: 'disableRequested', durationMs: 5_000 },
  timeout: { kind: 'timeout' },
  stop: { kind: 'stop', deregister: true },
  stopSilently: { kind: 'stop', deregister: false },
} satisfies Record<string, RegistrationInput>;

/** The state that each input leads to, with facts that did not change; what is not listed stays as it is. */
const transitions: Readonly<
  Record<keyof typeof inputs, Readonly<Partial<Record<keyof typeof states, RegistrationState['kind']>>>>
> = {
  start: { idle: 'registering' },
  registerAccepted: { registering: 'registered' },
  registerFailed: { registering: 'waiting' },
  updateAccepted: { updating: 'registered' },
  updateFailed: { updating: 'waiting' },
  updateForgotten: { updating: 'registering' },
  deregisterFinished: { deregistering: 'stopped' },
  factsChanged: {},
  updateTriggered: { registered: 'updating' },
  disableRequested: { registered: 'deregistering', updating: 'deregistering' },
  timeout: {},
  stop: {
    idle: 'stopped',
    waiting: 'stopped',
    registered: 'deregistering',
    updating: 'deregistering',
    disabled: 'stopped',
  },
  stopSilently: {
    idle: 'stopped',
    registering: 'stopped',
    waiting: 'stopped',
    registered: 'stopped',
    updating: 'stopped',
    deregistering: 'stopped',
    disabled: 'stopped',
  },
};

const cases = Object.entries(transitions).flatMap(([input, row]) =>
  Object.entries(states).map(([from, state]) => ({
    input: inputs[input as keyof typeof inputs],
    name: input,
    from,
    state: state as RegistrationState,
    to: row[from as keyof typeof states] ?? from,
  })),
);

describe('stepRegistration', () => {
  test.each(cases)('$name in $from leads to $to', ({ input, state, to, from }) => {
    const step = stepRegistration(state, input, context);
    expect(step.state.kind).toBe(to);
    // Two inputs change what is remembered and not the kind of state.
    const remembered =
      ['updateTriggered', 'stop'].includes(input.kind) && ['registering', 'updating', 'deregistering'].includes(from);
    if (to === from && !remembered) expect(step).toEqual({ state, commands: [] });
  });

  test('start sends a Register over a new connection', () => {
    const { commands } = stepRegistration(states.idle, inputs.start, context);
    expect(commands).toEqual([{ kind: 'register', facts, listed: true, reconnect: true }]);
  });

  test('an accepted Register keeps the location and counts the lifetime from the sending', () => {
    const { state, commands } = stepRegistration(states.registering, inputs.registerAccepted, context);
    expect(state).toEqual({
      kind: 'registered',
      location,
      known: facts,
      updateAt: 207_500,
      expiresAt: 300_500,
      sleepAt: undefined,
    });
    expect(commands).toEqual([{ kind: 'tellRegistered', location }]);
  });

  test('facts that changed while the Register was on its way follow by Update', () => {
    const { state, commands } = stepRegistration(states.registering, inputs.registerAccepted, {
      ...context,
      facts: longer,
    });
    expect(state).toEqual({
      kind: 'updating',
      location,
      sent: longer,
      sentAt: 1_000,
      again: false,
      expiresAt: 300_500,
    });
    expect(commands).toEqual([
      { kind: 'tellRegistered', location },
      { kind: 'update', location, changes: { lifetimeSeconds: 600 }, reconnect: false },
    ]);
  });

  test('an Update says only what changed', () => {
    const changed = { ...facts, objectLinks: '</1/0>,</3/0>,</3303/0>' };
    const { commands } = stepRegistration(states.registered, inputs.factsChanged, { ...context, facts: changed });
    expect(commands).toEqual([
      { kind: 'update', location, changes: { objectLinks: changed.objectLinks }, reconnect: false },
    ]);
  });

  test('before the lifetime ends an Update without parameters goes out', () => {
    const early = stepRegistration(states.registered, inputs.timeout, { ...context, now: 207_999 });
    expect(early).toEqual({ state: states.registered, commands: [] });
    const due = stepRegistration(states.registered, inputs.timeout, { ...context, now: 208_000 });
    expect(due.commands).toEqual([{ kind: 'update', location, changes: {}, reconnect: false }]);
  });

  test('an Update asked for while one is on its way follows it', () => {
    const asked = stepRegistration(states.updating, inputs.updateTriggered, context);
    expect(asked).toEqual({ state: { ...states.updating, again: true }, commands: [] });
    const accepted = stepRegistration(asked.state, inputs.updateAccepted, context);
    expect(accepted.commands).toEqual([
      { kind: 'tellUpdated' },
      { kind: 'update', location, changes: {}, reconnect: false },
    ]);
    expect(accepted.state).toMatchObject({ kind: 'updating', again: false });
  });

  test('facts that changed while an Update was on its way follow it', () => {
    const { commands } = stepRegistration(states.updating, inputs.updateAccepted, { ...context, facts: longer });
    expect(commands).toEqual([
      { kind: 'tellUpdated' },
      { kind: 'update', location, changes: { lifetimeSeconds: 600 }, reconnect: false },
    ]);
  });

  test('4.04 to an Update is followed by a Register at once, on the same connection', () => {
    const { commands } = stepRegistration(states.updating, inputs.updateForgotten, context);
    expect(commands).toEqual([
      {
        kind: 'tellFailure',
        operation: 'Update',
        failure: forgotten,
        position,
        retryInMs: 0,
        exhausted: false,
        bootstraps: false,
      },
      { kind: 'forgetObservations' },
      { kind: 'register', facts, listed: true, reconnect: false },
    ]);
  });

  test('any other failure of an Update waits like a failed Register', () => {
    const { state, commands } = stepRegistration(states.updating, inputs.updateFailed, context);
    expect(state).toEqual({ kind: 'waiting', position: { attempt: 2, sequence: 1 }, until: 61_000 });
    expect(commands.map(({ kind }) => kind)).toEqual(['forgetObservations', 'disconnect', 'tellFailure']);
  });

  test('after the wait a Register goes out over a new connection', () => {
    const { state, commands } = stepRegistration(states.waiting, inputs.timeout, { ...context, now: 60_000 });
    expect(state).toMatchObject({ kind: 'registering', position: { attempt: 2, sequence: 1 } });
    expect(commands).toEqual([{ kind: 'register', facts, listed: true, reconnect: true }]);
  });

  test('Disable de-registers, stays away and registers again', () => {
    const disabling = stepRegistration(states.registered, inputs.disableRequested, context);
    expect(disabling.commands).toEqual([{ kind: 'forgetObservations' }, { kind: 'deregister', location }]);
    const disabled = stepRegistration(disabling.state, inputs.deregisterFinished, context);
    expect(disabled).toEqual({ state: { kind: 'disabled', until: 6_000 }, commands: [{ kind: 'disconnect' }] });
    const back = stepRegistration(disabled.state, inputs.timeout, { ...context, now: 6_000 });
    expect(back.state).toMatchObject({ kind: 'registering', position });
  });

  test('a stop during Disable is for good', () => {
    const disabling = stepRegistration(states.registered, inputs.disableRequested, context);
    const stopping = stepRegistration(disabling.state, inputs.stop, context);
    expect(stepRegistration(stopping.state, inputs.deregisterFinished, context).state).toEqual({ kind: 'stopped' });
  });

  test('a stop while a Register is on its way de-registers once it is accepted', () => {
    const leaving = stepRegistration(states.registering, inputs.stop, context);
    expect(leaving).toEqual({ state: { ...states.registering, leaving: true }, commands: [] });
    const accepted = stepRegistration(leaving.state, inputs.registerAccepted, context);
    expect(accepted.commands).toEqual([{ kind: 'forgetObservations' }, { kind: 'deregister', location }]);
    expect(stepRegistration(accepted.state, inputs.deregisterFinished, context).state).toEqual({ kind: 'stopped' });
    expect(stepRegistration(leaving.state, inputs.registerFailed, context).state).toEqual({ kind: 'stopped' });
    expect(stepRegistration(leaving.state, inputs.stopSilently, context).state).toEqual({ kind: 'stopped' });
  });

  test('stopping without a farewell ends the connection', () => {
    const { commands } = stepRegistration(states.registered, inputs.stopSilently, context);
    expect(commands).toEqual([{ kind: 'forgetObservations' }, { kind: 'disconnect' }]);
  });
});

describe('registrationWakeAt', () => {
  test.each([
    ['idle', undefined],
    ['registering', undefined],
    ['waiting', 60_000],
    ['registered', 208_000],
    ['updating', undefined],
    ['deregistering', undefined],
    ['disabled', 90_000],
    ['stopped', undefined],
  ] as const)('%s', (kind, wakeAt) => {
    expect(registrationWakeAt(states[kind])).toBe(wakeAt);
  });

  test('a lifetime of 0 never ends and needs no Update', () => {
    const eternal = { ...states.registering, sent: { ...facts, lifetimeSeconds: 0 } };
    const { state } = stepRegistration(eternal, inputs.registerAccepted, { ...context, facts: eternal.sent });
    expect(registrationWakeAt(state)).toBeUndefined();
  });
});
