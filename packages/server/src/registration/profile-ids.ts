/** How many profiles one registration may name. */
export const PROFILE_IDS_MAX = 16;

/**
 * Reads `pid`: one Profile ID, or a list in quotes.
 *
 * A dynamic one is the number of a hash suite and the hash in lower-case hexadecimal digits; a preconfigured one has a name for
 * whoever gave it before the colon.
 *
 * @param text the value of the parameter
 * @returns the ids in their order; `undefined` for what is none
 * @see LwM2M Core 1.2 §6.2.1 (Profile ID); RFC 6920 §9.4 (suites)
 * @example
 * parseProfileIds('6:27354b9a') // ['6:27354b9a']
 * parseProfileIds('"oma:1,acme:valve"') // ['oma:1', 'acme:valve']
 */
export function parseProfileIds(text: string): readonly string[] | undefined {
  const isList = text.length >= 2 && text.startsWith('"') && text.endsWith('"');
  const ids = isList ? text.slice(1, -1).split(',') : [text];
  if (ids.length > PROFILE_IDS_MAX || new Set(ids).size !== ids.length) return undefined;
  return ids.every(isProfileId) ? ids : undefined;
}

function isProfileId(id: string): boolean {
  const [prefix = '', ...rest] = id.split(':');
  const value = rest.join(':');
  if (!/^[0-9]+$/.test(prefix))
    return /^[A-Za-z][\w.-]{0,31}$/.test(prefix) && /^[\x21\x23-\x2b\x2d-\x7e]{1,64}$/.test(value);
  const digits = HASH_DIGITS.get(prefix);
  return digits !== undefined && value.length === digits && /^[0-9a-f]+$/.test(value);
}

/** Hexadecimal digits of a hash by suite: SHA-256, and cut to 128, 120, 96, 64 and 32 bits (RFC 6920 §9.4). */
const HASH_DIGITS: ReadonlyMap<string, number> = /* @__PURE__ */ new Map([
  ['1', 64],
  ['2', 32],
  ['3', 30],
  ['4', 24],
  ['5', 16],
  ['6', 8],
]);
