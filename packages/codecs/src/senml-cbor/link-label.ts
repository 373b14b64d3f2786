/** LwM2M's own label, a string in CBOR too (LwM2M Core 1.1.1 §7.4.5). */
export const LINK_LABEL = 'vlo';
