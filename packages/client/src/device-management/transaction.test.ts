import { describe, expect, test } from 'vitest';
import { RequestRefusedError } from '../request-refused-error.ts';
import { AnswererFixture, Gauge, segments, utf8 } from './answerer.fixture.ts';
import { Transaction, type TransactionHandlers } from './transaction.ts';

/** Says what it was told, and throws where it is asked to. */
function told(lines: string[], refuses?: keyof TransactionHandlers): TransactionHandlers {
  const tell = (name: keyof TransactionHandlers) => (paths: readonly string[]) => {
    lines.push(`${name} ${paths.join(' ')}`);
    if (name === refuses) throw new RequestRefusedError('4.00', 'not that');
  };
  return { begin: tell('begin'), validate: tell('validate'), commit: tell('commit'), rollBack: tell('rollBack') };
}

const write = {
  method: 'POST',
  path: segments('/42800/0'),
  contentFormat: 110,
  payload: utf8('[{"bn":"/42800/0/","n":"1","vs":"new"},{"n":"2","v":7}]'),
} as const;

function gauge(lines: string[], refuses?: keyof TransactionHandlers) {
  const written: string[] = [];
  let limit = 5;
  const device = new AnswererFixture(
    [
      Gauge.instance({
        name: 'old',
        limit: {
          read: () => limit,
          write: (value) => {
            limit = value;
            written.push(`limit ${value}`);
          },
        },
      }),
    ],
    { transaction: told(lines, refuses) },
  );
  const name = () => device.text({ method: 'GET', path: segments('/42800/0/1'), accept: 0 });
  return { device, written, name };
}

describe('a Write is one transaction', () => {
  test('that begins, is validated and committed', async () => {
    const lines: string[] = [];
    const { device, written, name } = gauge(lines);
    expect(await device.code(write)).toBe('2.04');
    expect(lines).toEqual([
      'begin /42800/0/1 /42800/0/2',
      'validate /42800/0/1 /42800/0/2',
      'commit /42800/0/1 /42800/0/2',
    ]);
    expect(written).toEqual(['limit 7']);
    expect(await name()).toBe('new');
  });

  test.each(['validate', 'commit'] as const)('that a refusal in %s rolls back, whole', async (refuses) => {
    const lines: string[] = [];
    const { device, written, name } = gauge(lines, refuses);
    expect(await device.code(write)).toBe('4.00');
    expect(lines.at(-1)).toBe('rollBack /42800/0/1 /42800/0/2');
    expect(written).toEqual(['limit 7', 'limit 5']);
    expect(await name()).toBe('old');
    expect(device.changes).toEqual([]);
  });

  test('that a refusal in begin keeps from beginning', async () => {
    const lines: string[] = [];
    const { device, written } = gauge(lines, 'begin');
    expect(await device.code(write)).toBe('4.00');
    expect(lines).toEqual(['begin /42800/0/1 /42800/0/2']);
    expect(written).toEqual([]);
  });
});

describe('Transaction', () => {
  test('undoes in reverse order, whatever a step throws', async () => {
    const undone: string[] = [];
    const run = Transaction.run({}, [], (transaction) => {
      transaction.onRollBack(() => void undone.push('first'));
      transaction.onRollBack(() => {
        undone.push('second');
        throw new Error('cannot');
      });
      throw new Error('failed');
    });
    await expect(run).rejects.toThrow('failed');
    expect(undone).toEqual(['second', 'first']);
  });

  test('may be left open between begin and commit, as a bootstrap is', async () => {
    const lines: string[] = [];
    const transaction = new Transaction(told(lines), ['/0', '/1']);
    await transaction.begin();
    transaction.onRollBack(() => void lines.push('undone'));
    await transaction.rollBack();
    await transaction.rollBack();
    expect(lines).toEqual(['begin /0 /1', 'undone', 'rollBack /0 /1', 'rollBack /0 /1']);
  });
});
