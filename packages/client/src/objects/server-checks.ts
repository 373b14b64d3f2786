import type { ResourceContent } from '../device-management/tree-resource.ts';
import { RequestRefusedError } from '../request-refused-error.ts';

const LIFETIME_SECONDS_MAX = 2 ** 31 - 1;

/** The bindings of LwM2M, by their letters (Core 1.2 §6.2.1.2). */
const BINDINGS: Readonly<Record<string, string>> = {
  U: 'UDP',
  T: 'TCP',
  S: 'SMS',
  N: 'Non-IP',
  M: 'MQTT',
  H: 'HTTP',
};

/**
 * What resources of object 1 refuse beyond their types, by id.
 *
 * @param supportedBindings the letters that the client has transports for
 */
export function serverChecks(
  supportedBindings: string,
): Readonly<Record<number, ((content: ResourceContent) => void) | undefined>> {
  return {
    1: checkLifetime,
    2: checkSeconds,
    3: checkSeconds,
    5: checkSeconds,
    7: (content) => checkBinding(String(content), supportedBindings),
    17: checkCount,
    20: checkCount,
    22: (content) => checkTransport(String(content), supportedBindings),
  };
}

/**
 * Refuses a binding that is none, or that the client has no transport for. `Q` counts among the letters, as in LwM2M 1.0.
 *
 * @throws {RequestRefusedError} 4.00
 * @see LwM2M Core 1.1.1 §6.2.1.2; Core 1.0 §5.3.1.1
 */
export function checkBinding(binding: string, supported: string): void {
  const letters = [...binding].filter((letter) => letter !== 'Q');
  if (letters.length === 0 || new Set(binding).size !== binding.length) throw refused(`"${binding}" is no binding`);
  for (const letter of letters) checkTransport(letter, supported);
}

function checkTransport(letter: string, supported: string): void {
  const name = BINDINGS[letter];
  if (name === undefined) throw refused(`"${letter}" is no binding`);
  if (!supported.includes(letter)) throw refused(`binding ${letter} (${name}) needs a transport that is not here`);
}

function checkSeconds(content: ResourceContent): void {
  if (typeof content !== 'number' || content < 0) throw refused('seconds are 0 or more');
}

function checkCount(content: ResourceContent): void {
  if (typeof content !== 'number' || content < 1) throw refused('a count is 1 or more');
}

function checkLifetime(content: ResourceContent): void {
  checkSeconds(content);
  if (typeof content === 'number' && content > LIFETIME_SECONDS_MAX) {
    throw refused(`the lifetime is at most ${LIFETIME_SECONDS_MAX} s`);
  }
}

function refused(reason: string): RequestRefusedError {
  return new RequestRefusedError('4.00', reason);
}
