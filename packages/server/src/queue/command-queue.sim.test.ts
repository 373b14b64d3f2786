import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { DeviceUnreachableError, InvalidArgumentError, TimeoutError } from '../lwm2m-error.ts';
import { AwakeGate } from './awake-gate.ts';
import { type CommandAnswer, isIdempotent, type StoredCommand } from './command.ts';
import { type CommandInit, CommandQueue } from './command-queue.ts';
import { InMemoryCommandStore } from './command-store.ts';

const detail = { operation: 'Read', endpoint: 'a', path: '/3/0/0' } as const;
const read: CommandInit = {
  endpoint: 'a',
  operation: 'Read',
  path: '/3/0/0',
  request: { method: 'GET' },
  priority: 0,
  expiresAtEpochMs: undefined,
};
const execute: CommandInit = {
  ...read,
  operation: 'Execute',
  path: '/3/0/4',
  request: { method: 'POST' },
};

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve();
};

function stage(store = new InMemoryCommandStore(), limits = { commandsPerDeviceMax: 3, commandsMax: 4 }) {
  const network = new SimulatedNetwork({ seed: 3 });
  const sent: string[] = [];
  const finished: StoredCommand[] = [];
  const errors: unknown[] = [];
  const answers: { next: (command: StoredCommand) => Promise<CommandAnswer> } = {
    next: () => Promise.resolve({ responseCode: '2.05' }),
  };
  const queue = new CommandQueue({
    store,
    clock: network.clock,
    random: network.randomSource,
    ...limits,
    send: (command) => {
      sent.push(`${command.operation} ${command.path}`);
      return answers.next(command);
    },
    onFinished: (command) => void finished.push(command),
    onError: (error) => errors.push(error),
  });
  return { network, queue, sent, finished, errors, answers, store };
}

const states = (commands: readonly StoredCommand[]): string[] => commands.map(({ state }) => state);

describe('CommandQueue', () => {
  test('a command waits for its device, is sent when it wakes, and is told of when it is over', async () => {
    const { queue, sent, finished, store } = stage();
    const command = await queue.add(read);
    expect(command.id).toMatch(/^[0-9a-f]{16}$/);
    const gate = new AwakeGate(10, false);
    queue.attach('a', gate);
    await settled();
    expect([sent, states(queue.commands('a'))]).toEqual([[], ['queued']]);
    gate.wake();
    await settled();
    expect(sent).toEqual(['Read /3/0/0']);
    expect(finished).toMatchObject([
      { id: command.id, state: 'succeeded', attempts: 1, answer: { responseCode: '2.05' } },
    ]);
    expect([queue.size, [...store.commands()]]).toEqual([0, []]);
  });

  test('by priority, then age, one at a time, behind what was asked before', async () => {
    const { queue, sent } = stage();
    const gate = new AwakeGate(10, false);
    queue.attach('a', gate);
    await queue.add({ ...read, path: '/3/0/1' });
    await queue.add({ ...read, path: '/3/0/2', priority: 1 });
    await queue.add({ ...read, path: '/3/0/3' });
    gate.wake();
    await settled();
    expect(sent).toEqual(['Read /3/0/2', 'Read /3/0/1', 'Read /3/0/3']);
  });

  test('an answer of class 4 is a failure', async () => {
    const { queue, finished, answers } = stage();
    answers.next = () => Promise.resolve({ responseCode: '4.04' });
    queue.attach('a', new AwakeGate(10, true));
    await queue.add(read);
    await settled();
    expect(finished).toMatchObject([{ state: 'failed', answer: { responseCode: '4.04' } }]);
  });

  test('limits, for one device and for all', async () => {
    const { queue } = stage();
    for (let count = 0; count < 3; count++) await queue.add(read);
    expect([queue.limitFor('a'), queue.limitFor('b')]).toEqual(['commandsPerDeviceMax', undefined]);
    await queue.add({ ...read, endpoint: 'b' });
    expect(queue.limitFor('b')).toBe('commandsMax');
  });

  test('expires while it waits, and not once it is sent', async () => {
    const { network, queue, sent, finished, answers } = stage();
    const expiresAtEpochMs = network.clock.epochMs() + 60_000;
    await queue.add({ ...read, expiresAtEpochMs });
    answers.next = () => new Promise(() => undefined);
    queue.attach('b', new AwakeGate(10, true));
    await queue.add({ ...read, endpoint: 'b', expiresAtEpochMs });
    await settled();
    await network.run(61_000);
    await settled();
    expect([sent.length, states(finished), queue.size]).toEqual([1, ['expired'], 1]);
  });

  test('is cancelled before it is sent, and not after', async () => {
    const { queue, finished, answers } = stage();
    const waiting = await queue.add(read);
    expect(await queue.cancel(waiting.id)).toBe(true);
    expect(await queue.cancel(waiting.id)).toBe(false);
    expect(states(finished)).toEqual(['cancelled']);
    answers.next = () => new Promise(() => undefined);
    queue.attach('a', new AwakeGate(10, true));
    const sent = await queue.add(read);
    await settled();
    expect(await queue.cancel(sent.id)).toBe(false);
  });

  describe('without an answer', () => {
    test('what may be repeated goes again when the device is heard again, five times in all', async () => {
      const { queue, sent, finished, answers } = stage();
      const gate = new AwakeGate(10, true);
      answers.next = () => {
        gate.sleep();
        return Promise.reject(new TimeoutError('silent', detail));
      };
      queue.attach('a', gate);
      await queue.add(read);
      for (let attempt = 1; attempt <= 6; attempt++) {
        await settled();
        expect(sent).toHaveLength(Math.min(attempt, 5));
        gate.wake();
      }
      expect(finished).toMatchObject([{ state: 'failed', attempts: 5, errorCode: 'timeout' }]);
    });

    test('nobody there, and always awake: it ends all the same', async () => {
      const { queue, sent, finished, answers } = stage();
      answers.next = () => Promise.reject(new DeviceUnreachableError('nobody', detail));
      queue.attach('a', new AwakeGate(10, true));
      await queue.add(read);
      await settled();
      await settled();
      expect([sent.length, states(finished)]).toEqual([5, ['failed']]);
    });

    test('an Execute is not sent twice: its end is uncertain', async () => {
      const { queue, sent, finished, answers } = stage();
      answers.next = () => Promise.reject(new TimeoutError('silent', detail));
      queue.attach('a', new AwakeGate(10, true));
      await queue.add(execute);
      await settled();
      expect([sent.length, states(finished)]).toEqual([1, ['uncertain']]);
    });

    test('what never left has failed, an Execute too', async () => {
      const { queue, finished, answers } = stage();
      answers.next = () => Promise.reject(new InvalidArgumentError('a value', detail));
      queue.attach('a', new AwakeGate(10, true));
      await queue.add(execute);
      await settled();
      expect(states(finished)).toEqual(['failed']);
    });
  });

  describe('after a restart', () => {
    test('what waited waits, what was under way goes again or is uncertain, what was over is told', async () => {
      const store = new InMemoryCommandStore();
      const first = stage(store, { commandsPerDeviceMax: 10, commandsMax: 10 });
      first.answers.next = () => new Promise(() => undefined);
      first.queue.attach('a', new AwakeGate(10, true));
      first.queue.attach('b', new AwakeGate(10, true));
      await first.queue.add({ ...read, path: '/3/0/1' });
      await first.queue.add({ ...execute, endpoint: 'b' });
      await first.queue.add({ ...read, path: '/3/0/2' });
      await settled();
      const [any] = [...store.commands()];
      if (any === undefined) throw new Error('nothing is kept');
      store.put({ ...any, id: 'f'.repeat(16), state: 'succeeded' });
      first.queue.close();

      const second = stage(store, { commandsPerDeviceMax: 10, commandsMax: 10 });
      await second.queue.start();
      expect(new Set(states(second.finished))).toEqual(new Set(['uncertain', 'succeeded']));
      expect(states(second.queue.commands('a'))).toEqual(['queued', 'queued']);
      second.queue.attach('a', new AwakeGate(10, true));
      await settled();
      expect(second.sent).toEqual(['Read /3/0/1', 'Read /3/0/2']);
      expect([...store.commands()]).toEqual([]);
    });

    test('what expired meanwhile is told as expired', async () => {
      const store = new InMemoryCommandStore();
      const first = stage(store);
      await first.queue.add({ ...read, expiresAtEpochMs: first.network.clock.epochMs() - 1 });
      first.queue.close();
      const second = stage(store);
      await second.queue.start();
      await second.network.run(10);
      await settled();
      expect(states(second.finished)).toEqual(['expired']);
    });
  });

  test('a registration that ends leaves its commands to the next one', async () => {
    const { queue, sent } = stage();
    const first = new AwakeGate(10, false);
    queue.attach('a', first);
    await queue.add(read);
    first.end();
    queue.detach('a', first);
    await settled();
    expect(states(queue.commands('a'))).toEqual(['queued']);
    queue.attach('a', new AwakeGate(10, true));
    await settled();
    expect(sent).toHaveLength(1);
  });

  test('a store that fails: nothing is promised, and nothing sent that is not marked', async () => {
    const store = new InMemoryCommandStore();
    const { network, queue, sent, errors } = stage(store);
    let fails = true;
    const put = store.put.bind(store);
    store.put = (command) => {
      if (fails) throw new Error('the disk is full');
      put(command);
    };
    await expect(queue.add(read)).rejects.toThrow('the disk is full');
    expect(queue.size).toBe(0);
    fails = false;
    await queue.add(read);
    fails = true;
    queue.attach('a', new AwakeGate(10, true));
    await settled();
    expect([sent, errors.length]).toEqual([[], 1]);
    fails = false;
    await network.run(31_000);
    await settled();
    expect(sent).toHaveLength(1);
  });

  test.each([
    [read, true],
    [execute, false],
    [{ ...execute, operation: 'Create' } as const, false],
    [{ ...read, operation: 'Write', request: { method: 'POST' } } as const, true],
    [{ ...read, operation: 'Write', request: { method: 'PUT' } } as const, true],
    [{ ...read, operation: 'Delete', request: { method: 'DELETE' } } as const, false],
    [{ ...read, operation: 'Write-Composite', request: { method: 'iPATCH' } } as const, true],
  ])('%#: whether it may be repeated', (init, expected) => {
    expect(isIdempotent(init as CommandInit)).toBe(expected);
  });
});
