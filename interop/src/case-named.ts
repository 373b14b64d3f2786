import type { CoapCase } from './coap-caller.ts';

/** The case whose name begins so. @throws Error when there is none */
export function caseNamed(cases: readonly CoapCase[], start: string): CoapCase {
  const found = cases.find(({ name }) => name.startsWith(start));
  if (found === undefined) throw new Error(`no case ${start}`);
  return found;
}
