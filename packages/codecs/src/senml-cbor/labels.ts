// Numbers by themselves, in a module that imports nothing: bundlers put them where they are used.
// The integer labels (RFC 8428 table 4). "This table is conclusive".

/** `bs` */
export const BaseSum = -6;
/** `bv` */
export const BaseValue = -5;
/** `bu` */
export const BaseUnit = -4;
/** `bt` */
export const BaseTime = -3;
/** `bn` */
export const BaseName = -2;
/** `bver` */
export const BaseVersion = -1;
/** `n` */
export const Name = 0;
/** `u` */
export const Unit = 1;
/** `v` */
export const Value = 2;
/** `vs` */
export const StringValue = 3;
/** `vb` */
export const BooleanValue = 4;
/** `s` */
export const Sum = 5;
/** `t` */
export const Time = 6;
/** `ut` */
export const UpdateTime = 7;
/** `vd` */
export const DataValue = 8;
