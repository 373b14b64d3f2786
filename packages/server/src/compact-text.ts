/**
 * The same text, in memory of its own. What an engine cuts out of a text, or joins of several, it may keep together with what it was
 * cut from or joined of, for as long as it lives; for a text of each of a million devices that counts.
 *
 * @param text short: an endpoint name, an address
 */
export function compactText(text: string): string {
  const units = new Array<number>(text.length);
  for (let index = 0; index < text.length; index++) units[index] = text.charCodeAt(index);
  return String.fromCharCode(...units);
}
