/** No MAC at all, but one that depends on every byte. */
export function weakMac(bytes: Uint8Array): Uint8Array {
  const tag = new Uint8Array(8).fill(7);
  for (const [index, byte] of bytes.entries()) tag[index % 8] = ((tag[index % 8] as number) * 31 + byte) & 0xff;
  return tag;
}
