/** A token as a key of a map: one character for each byte. */
export function tokenKey(token: Uint8Array): string {
  let key = '';
  for (const byte of token) key += String.fromCharCode(byte);
  return key;
}
