/** The segments of a pattern, as a union. */
export type PatternSegments<Pattern extends string> = Pattern extends `${infer Head}/${infer Tail}`
  ? Head | PatternSegments<Tail>
  : Pattern;

/** The name that a segment of a pattern gives what it takes; none for a text. */
export type PatternName<Segment> = Segment extends `:${infer Name}`
  ? Name
  : Segment extends '*'
    ? '*'
    : Segment extends `*${infer Name}`
      ? Name
      : never;

/**
 * What a pattern takes out of a path: `/sensors/:id` gives `{ id: string }`, `/files/*path` gives
 * `{ path: readonly string[] }`, and a `*` without a name is called `*`.
 */
export type RouteParams<Pattern extends string> = string extends Pattern
  ? Readonly<Record<string, string | readonly string[]>>
  : {
      readonly [Segment in PatternSegments<Pattern> as PatternName<Segment>]: Segment extends `*${string}`
        ? readonly string[]
        : string;
    };

/** A segment of a pattern. */
export type PatternSegment =
  | { readonly kind: 'static'; readonly text: string }
  | { readonly kind: 'parameter' | 'wildcard'; readonly name: string };

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Takes a pattern apart.
 *
 * @param pattern segments that are not percent-encoded, each behind a slash: a text, `:name` for any one segment, and at
 *   the end `*name` or `*` for one or more
 * @throws {TypeError} anything else; a name that comes twice; a segment `.` or `..`, which no path has
 */
export function parsePattern(pattern: string): PatternSegment[] {
  if (!pattern.startsWith('/')) throw new TypeError(`a pattern begins with a slash: ${pattern}`);
  if (pattern === '/') return [];
  const texts = pattern.slice(1).split('/');
  const segments = texts.map((text, index) => parseSegment(text, index === texts.length - 1, pattern));
  const names = segments.flatMap((segment) => (segment.kind === 'static' ? [] : [segment.name]));
  if (new Set(names).size < names.length) throw new TypeError(`a name comes twice: ${pattern}`);
  return segments;
}

function parseSegment(text: string, isLast: boolean, pattern: string): PatternSegment {
  if (text === '.' || text === '..') throw new TypeError(`a path has no segment "${text}": ${pattern}`);
  const isWildcard = text.startsWith('*');
  if (!isWildcard && !text.startsWith(':')) return { kind: 'static', text };
  const name = text === '*' ? text : text.slice(1);
  if (text !== '*' && !NAME.test(name)) throw new TypeError(`not a name: ${text} in ${pattern}`);
  if (isWildcard && !isLast) throw new TypeError(`a wildcard is the last segment: ${pattern}`);
  return { kind: isWildcard ? 'wildcard' : 'parameter', name };
}
