import { isCritical, isNoCacheKey, isUnsafe, OptionNumber } from './option-number.ts';

/**
 * How an option's value is read.
 *
 * @see RFC 7252 §3.2
 */
export const OptionFormat = {
  /** No bytes. */
  Empty: 'empty',
  /** Any bytes. */
  Opaque: 'opaque',
  /** A non-negative integer in as few bytes as hold it. */
  Uint: 'uint',
  /** UTF-8. */
  String: 'string',
} as const;

/** One of the values of {@link OptionFormat}. */
export type OptionFormat = (typeof OptionFormat)[keyof typeof OptionFormat];

/** Name and form of an option. */
export interface OptionDescription {
  /** The name in the IANA registry, e.g. `Uri-Path`. */
  readonly name: string;
  /** How the value is read. */
  readonly format: OptionFormat;
  /** The fewest bytes that a value may have. */
  readonly lengthMin: number;
  /** The most bytes that a value may have. */
  readonly lengthMax: number;
  /** Whether the option may stand in a message more than once (RFC 7252 §5.4.5). */
  readonly repeatable: boolean;
}

/** What the registry says about one option. */
export interface OptionDefinition extends OptionDescription {
  /** The option's number. */
  readonly number: OptionNumber;
  /** Whether who does not understand the option must refuse the message (RFC 7252 §5.4.6). */
  readonly critical: boolean;
  /** Whether a proxy that does not understand the option must not forward it (RFC 7252 §5.4.6). */
  readonly unsafe: boolean;
  /** Whether the option has no part in a cache key (RFC 7252 §5.4.6). */
  readonly noCacheKey: boolean;
}

const { Empty, Opaque, Uint, String: Text } = OptionFormat;

/**
 * Every registered option that this package knows, ascending by number.
 *
 * @see the sections that `OptionNumber` cites
 */
export const optionDefinitions: readonly OptionDefinition[] = [
  repeatable(OptionNumber.IfMatch, 'If-Match', Opaque, [0, 8]),
  single(OptionNumber.UriHost, 'Uri-Host', Text, [1, 255]),
  repeatable(OptionNumber.ETag, 'ETag', Opaque, [1, 8]),
  single(OptionNumber.IfNoneMatch, 'If-None-Match', Empty, [0, 0]),
  single(OptionNumber.Observe, 'Observe', Uint, [0, 3]),
  single(OptionNumber.UriPort, 'Uri-Port', Uint, [0, 2]),
  repeatable(OptionNumber.LocationPath, 'Location-Path', Text, [0, 255]),
  single(OptionNumber.Oscore, 'OSCORE', Opaque, [0, 255]),
  repeatable(OptionNumber.UriPath, 'Uri-Path', Text, [0, 255]),
  single(OptionNumber.ContentFormat, 'Content-Format', Uint, [0, 2]),
  single(OptionNumber.MaxAge, 'Max-Age', Uint, [0, 4]),
  repeatable(OptionNumber.UriQuery, 'Uri-Query', Text, [0, 255]),
  single(OptionNumber.HopLimit, 'Hop-Limit', Uint, [1, 1]),
  single(OptionNumber.Accept, 'Accept', Uint, [0, 2]),
  single(OptionNumber.QBlock1, 'Q-Block1', Uint, [0, 3]),
  repeatable(OptionNumber.LocationQuery, 'Location-Query', Text, [0, 255]),
  single(OptionNumber.Edhoc, 'EDHOC', Empty, [0, 0]),
  single(OptionNumber.Block2, 'Block2', Uint, [0, 3]),
  single(OptionNumber.Block1, 'Block1', Uint, [0, 3]),
  single(OptionNumber.Size2, 'Size2', Uint, [0, 4]),
  repeatable(OptionNumber.QBlock2, 'Q-Block2', Uint, [0, 3]),
  single(OptionNumber.ProxyUri, 'Proxy-Uri', Text, [1, 1034]),
  single(OptionNumber.ProxyScheme, 'Proxy-Scheme', Text, [1, 255]),
  single(OptionNumber.Size1, 'Size1', Uint, [0, 4]),
  single(OptionNumber.Echo, 'Echo', Opaque, [1, 40]),
  single(OptionNumber.NoResponse, 'No-Response', Uint, [0, 1]),
  repeatable(OptionNumber.RequestTag, 'Request-Tag', Opaque, [0, 8]),
];

const definitions = new Map<number, OptionDefinition>(
  optionDefinitions.map((definition) => [definition.number, definition]),
);

/**
 * What the registry says about an option.
 *
 * @param optionNumber any number
 * @returns the definition, `undefined` for an option that this package does not know
 */
export function optionDefinition(optionNumber: number): OptionDefinition | undefined {
  return definitions.get(optionNumber);
}

type Lengths = readonly [least: number, most: number];

function single(number: OptionNumber, name: string, format: OptionFormat, lengths: Lengths): OptionDefinition {
  return {
    number,
    name,
    format,
    lengthMin: lengths[0],
    lengthMax: lengths[1],
    repeatable: false,
    critical: isCritical(number),
    unsafe: isUnsafe(number),
    noCacheKey: isNoCacheKey(number),
  };
}

function repeatable(number: OptionNumber, name: string, format: OptionFormat, lengths: Lengths): OptionDefinition {
  return { ...single(number, name, format, lengths), repeatable: true };
}
