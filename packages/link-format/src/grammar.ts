/** The characters of a URI reference outside percent-encodings: unreserved and reserved (RFC 3986 §2.2, §2.3). */
const URI_CHARACTERS = "[A-Za-z0-9\\-._~:/?#[\\]@!$&'()*+,;=]*";

/**
 * A URI reference as far as it goes: its characters and percent-encodings are checked, its structure is not.
 *
 * @see RFC 3986 §2
 */
export const URI_REFERENCE: string = `${URI_CHARACTERS}(?:%[0-9A-Fa-f]{2}${URI_CHARACTERS})*`;

/**
 * The name of an attribute: `parmname`, with an asterisk behind it `ext-name-star`.
 *
 * @see RFC 6690 §2, RFC 5987 §3.2.1
 */
export const ATTRIBUTE_NAME = '[A-Za-z0-9!#$&+\\-.^_`|~]+\\*?';

/**
 * A value without quotes: `ptoken`.
 *
 * @see RFC 6690 §2
 */
export const TOKEN = "[A-Za-z0-9!#$%&'()*+\\-./:<=>?@[\\]^_`{|}~]+";

/** Control characters but the horizontal tab may stand in quotes only behind a backslash. */
const UNQUOTABLE = '\\u0000-\\u0008\\u000a-\\u001f\\u007f';
const PLAIN_TEXT = `[^"\\\\${UNQUOTABLE}]*`;

/**
 * What stands between the quotes of a value: text without control characters, and after a backslash any ASCII.
 *
 * @see RFC 6690 §2, RFC 2616 §2.2
 */
export const QUOTED_TEXT: string = `${PLAIN_TEXT}(?:\\\\[\\u0000-\\u007f]${PLAIN_TEXT})*`;

/** The characters that need a backslash between quotes. */
export const ESCAPED: string = `["\\\\${UNQUOTABLE}]`;
