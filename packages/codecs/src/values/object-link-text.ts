import type { ObjectLink } from '@motestack/model';

/** The largest half of an object link; 65535 points to no instance. */
export const LINK_ID_MAX = 0xffff;

/** Whether a value is an object link rather than any other object that a value may be. */
export function isObjectLink(value: unknown): value is ObjectLink {
  return typeof value === 'object' && value !== null && 'objectId' in value && 'objectInstanceId' in value;
}

/**
 * Writes an object link as text, `66:0`.
 *
 * @param link both ids 0 to 65535
 * @returns two decimal numbers with a colon between them
 * @see LwM2M Core 1.1.1 Appendix C (Objlnk)
 */
export function formatObjectLink(link: ObjectLink): string {
  return `${link.objectId}:${link.objectInstanceId}`;
}

/**
 * Reads an object link from text.
 *
 * @param text the whole text
 * @param hexadecimalNullLink accept `FFFF:FFFF` as well, as LwM2M Core 1.2 prints it in an example
 * @returns the link; `out-of-range` for a number above 65535; `undefined` if the text is no link
 * @see LwM2M Core 1.1.1 Appendix C (Objlnk)
 */
export function parseObjectLink(text: string, hexadecimalNullLink: boolean): ObjectLink | 'out-of-range' | undefined {
  const match = /^([0-9]{1,20}):([0-9]{1,20})$/.exec(text);
  if (match === null) {
    const nullLink = hexadecimalNullLink && /^ffff:ffff$/i.test(text);
    return nullLink ? { objectId: LINK_ID_MAX, objectInstanceId: LINK_ID_MAX } : undefined;
  }
  const objectId = Number(match[1]);
  const objectInstanceId = Number(match[2]);
  return objectId > LINK_ID_MAX || objectInstanceId > LINK_ID_MAX ? 'out-of-range' : { objectId, objectInstanceId };
}
