/**
 * What the registry lets a server do with a resource: Read, Write, both or Execute.
 * `''` is for the bootstrap interface alone (all of object 0).
 *
 * @see LwM2M Core 1.2 §7.2.1 (Operations)
 */
export type Operations = 'R' | 'W' | 'RW' | 'E' | '';

/** The operations that let a server read. */
export type Readable = 'R' | 'RW';

/** The operations that let a server write. */
export type Writable = 'W' | 'RW';

/**
 * The data types of resources; `''` is for what carries no value (an Execute).
 *
 * @see LwM2M Core 1.2 Appendix C
 */
export type ResourceType =
  | 'String'
  | 'Integer'
  | 'Unsigned Integer'
  | 'Float'
  | 'Boolean'
  | 'Opaque'
  | 'Time'
  | 'Objlnk'
  | 'Corelnk'
  | '';

/** Points to an object instance. `65535:65535` points nowhere, `3:65535` to object 3 as a whole. */
export interface ObjectLink {
  /** 0 to 65535. */
  readonly objectId: number;
  /** 0 to 65535. */
  readonly objectInstanceId: number;
}

/**
 * One value, of one resource or resource instance:
 * String and Corelnk are `string`; Integer and Unsigned Integer `number`, or `bigint` beyond ±(2^53 − 1); Float `number`;
 * Boolean `boolean`; Opaque `Uint8Array`; Time `Date`; Objlnk {@link ObjectLink}.
 */
export type ResourceValue = string | number | bigint | boolean | Uint8Array | Date | ObjectLink;
