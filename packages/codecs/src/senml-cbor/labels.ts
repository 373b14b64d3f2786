/** The integer labels (RFC 8428 table 4). "This table is conclusive". */
export const Label = {
  BaseSum: -6,
  BaseValue: -5,
  BaseUnit: -4,
  BaseTime: -3,
  BaseName: -2,
  BaseVersion: -1,
  Name: 0,
  Unit: 1,
  Value: 2,
  StringValue: 3,
  BooleanValue: 4,
  Sum: 5,
  Time: 6,
  UpdateTime: 7,
  DataValue: 8,
} as const;

/** LwM2M's own label, a string in CBOR too (LwM2M Core 1.1.1 §7.4.5). */
export const LINK_LABEL = 'vlo';
