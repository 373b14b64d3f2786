import { test } from 'vitest';
import type { CoapCaller, CoapCase } from './coap-caller.ts';

/**
 * One test for each case.
 *
 * @param caller asked when the test runs, since peers are started before the tests and after their declaration
 * @param except the names of cases that the peer cannot pass; why stands where they are given
 */
export function testCases(
  cases: readonly CoapCase[],
  caller: () => CoapCaller,
  except: readonly CoapCase['name'][] = [],
): void {
  const names = cases.map(({ name }) => name);
  for (const name of except) if (!names.includes(name)) throw new Error(`no such case: ${name}`);
  for (const { name, run } of cases) if (!except.includes(name)) test(name, () => run(caller()));
}
