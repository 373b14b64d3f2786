// Numbers by themselves, in a module that imports nothing: bundlers put them where they are used.
// The tags whose content is part of a number, a date or a time (RFC 8949 §3.4.1 to §3.4.4).

/** A date and time as text. */
export const DateText = 0;
/** Seconds since 1970. */
export const Epoch = 1;
/** An unsigned bignum. */
export const PositiveBignum = 2;
/** A negative bignum. */
export const NegativeBignum = 3;
/** A decimal fraction. */
export const Decimal = 4;
/** A bigfloat. */
export const Bigfloat = 5;
