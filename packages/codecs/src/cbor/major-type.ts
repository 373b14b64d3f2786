// Numbers by themselves, in a module that imports nothing: bundlers put them where they are used.

/** An unsigned integer: bits 7 to 5 of an initial byte (RFC 8949 §3.1), as all that stand here. */
export const UNSIGNED = 0;
/** A negative integer. */
export const NEGATIVE = 1;
/** A byte string. */
export const BYTES = 2;
/** A text string. */
export const TEXT = 3;
/** An array. */
export const ARRAY = 4;
/** A map. */
export const MAP = 5;
/** A tag. */
export const TAG = 6;
/** A simple value or float. */
export const SIMPLE = 7;
