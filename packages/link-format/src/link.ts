/**
 * One attribute of a link, in the RFC's words a target attribute.
 *
 * @see RFC 6690 §2, §3
 */
export interface LinkAttribute {
  /** The name, as it was written: names are case-sensitive to LwM2M. */
  readonly name: string;
  /** The value without its quotes and escapes; `undefined` where the attribute has none. */
  readonly value: string | undefined;
  /** Was it written in quotes, or is it to be. */
  readonly quoted: boolean;
}

/**
 * One link.
 *
 * @see RFC 6690 §2
 */
export interface Link {
  /** The URI reference between the angle brackets, percent-encoded as it was written. */
  readonly target: string;
  /** In the order in which they were written; a name may come twice. */
  readonly attributes: readonly LinkAttribute[];
}

/**
 * The first attribute of a name. Later ones of the same name count for nothing where the RFC allows one only.
 *
 * @param link any link
 * @param name compared as it is
 * @returns `undefined` where there is none
 * @see RFC 6690 §3.1
 */
export function attributeOf(link: Link, name: string): LinkAttribute | undefined {
  return link.attributes.find((attribute) => attribute.name === name);
}
