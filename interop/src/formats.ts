/** The formats that every case is run in, as we name them and as Leshan does. */
export const formats = [
  { contentFormat: 'tlv', number: 11542 },
  { contentFormat: 'senml-json', number: 110 },
  { contentFormat: 'senml-cbor', number: 112 },
] as const;
