import { beforeEach, describe, expect, test } from 'vitest';
import { type OrderedServer, RegistrationOrder } from './registration-order.ts';

interface Fake extends OrderedServer {
  readonly name: string;
}

let started: string[];
let order: RegistrationOrder<Fake>;

beforeEach(() => {
  started = [];
  order = new RegistrationOrder();
});

function server(name: string, priority?: number, rest: Partial<OrderedServer> = {}): Fake {
  const start = (delayMs: number): void => void started.push(`${name} after ${delayMs}`);
  return { name, priority, initialDelayMs: 0, blocksOnFailure: false, start, ...rest };
}

describe('RegistrationOrder (Core 1.1.1 §6.2.1.1)', () => {
  test('servers without an order register at once, with their own delays', () => {
    order.begin([server('a'), server('b', undefined, { initialDelayMs: 500 })]);
    expect(started).toEqual(['a after 0', 'b after 500']);
  });

  test('servers with an order come one after the other, ascending, others beside them', () => {
    const [second, first, free] = [server('second', 20), server('first', 5), server('free')];
    order.begin([second, first, free]);
    expect(started).toEqual(['free after 0', 'first after 0']);
    order.registered(free);
    expect(started).toHaveLength(2);
    order.registered(first);
    expect(started.at(-1)).toBe('second after 0');
  });

  test('a failure leads to the next, unless it blocks (resource 15)', () => {
    const [first, second, third] = [server('1', 1), server('2', 2, { blocksOnFailure: true }), server('3', 3)];
    order.begin([first, second, third]);
    order.failed(first);
    expect(started).toEqual(['1 after 0', '2 after 0']);
    order.failed(second);
    expect(started).toHaveLength(2);
    order.registered(second);
    expect(started.at(-1)).toBe('3 after 0');
  });

  test('what the others do later does not begin anything again', () => {
    const [first, second] = [server('1', 1), server('2', 2)];
    order.begin([first, second]);
    order.registered(first);
    order.registered(first);
    order.failed(first);
    expect(started).toEqual(['1 after 0', '2 after 0']);
  });

  test('a server that is added or removed keeps the order', () => {
    const [first, second, third] = [server('1', 1), server('2', 2), server('3', 3)];
    order.begin([first, third]);
    order.begin([second]);
    order.forget(first);
    expect(started).toEqual(['1 after 0', '2 after 0']);
    order.forget(third);
    order.registered(second);
    expect(started).toHaveLength(2);
  });
});
