/** The key that an association is found by: each byte a character, which is a fourth of what hexadecimal digits take. */
export function connectionIdKey(connectionId: Uint8Array): string {
  return String.fromCharCode(...connectionId);
}

/** The bytes of such a text. */
export function bytesOf(key: string): Uint8Array {
  return Uint8Array.from(key, (character) => character.charCodeAt(0));
}
