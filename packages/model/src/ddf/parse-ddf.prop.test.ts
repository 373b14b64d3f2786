import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Operations, ResourceType } from '../resource-value.ts';
import { DdfError } from './ddf-error.ts';
import { defaultDdfLimits } from './ddf-limits.ts';
import type { DdfObject } from './ddf-object.ts';
import { ddfText, VALVE } from './ddf-text.fixture.ts';
import { parseDdf } from './parse-ddf.ts';

const valve = ddfText(VALVE);

function isReadOrRefused(text: string): boolean {
  try {
    return parseDdf(text).length > 0;
  } catch (error) {
    return DdfError.is(error) && error.offset >= 0 && error.offset <= text.length && error.line > 0 && error.column > 0;
  }
}

test('every prefix is refused, as none is a whole file', () => {
  for (let end = 0; end < valve.trimEnd().length; end++) {
    expect(() => parseDdf(valve.slice(0, end)), `${end}`).toThrow(DdfError);
  }
});

test('any text is read or refused', () => {
  const nearly = fc.array(
    fc.constantFrom(
      '<',
      '>',
      '/',
      '&',
      ';',
      '"',
      '=',
      ' ',
      '!',
      '-',
      '[',
      ']',
      '?',
      '#x',
      'LWM2M',
      'Object',
      'Item',
      'ID',
      '1',
    ),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        nearly.map((parts) => parts.join('')),
      ),
      isReadOrRefused,
    ),
  );
});

test('a file with any change is read or refused', () => {
  const change = fc.tuple(
    fc.nat(valve.length),
    fc.nat(40),
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('<', '>', '&', '"', '<!--', ']]>', '<Item ID="1">', '</Item>'),
    ),
  );
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) =>
      isReadOrRefused(
        changes.reduce((text, [at, gone, put]) => text.slice(0, at) + put + text.slice(at + gone), valve),
      ),
    ),
    { numRuns: 1000 },
  );
});

describe('what is written is read again', () => {
  const line = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .map((text) =>
      text
        .replaceAll(/[^\u{20}-\u{D7FF}\u{E000}-\u{FFFD}]/gu, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    .filter((text) => text !== '' && !text.includes(']]>'));
  const flag = fc.constantFrom(undefined, true);
  const resource = fc.record({
    id: fc.integer({ min: 0, max: 65_534 }),
    name: line,
    operations: fc.constantFrom<Operations>('R', 'W', 'RW', 'E', ''),
    type: fc.constantFrom<ResourceType>(
      'String',
      'Integer',
      'Unsigned Integer',
      'Float',
      'Boolean',
      'Opaque',
      'Time',
      'Objlnk',
      'Corelnk',
      '',
    ),
    multiple: flag,
    mandatory: flag,
    range: fc.option(line, { nil: undefined }),
    units: fc.option(line, { nil: undefined }),
    description: fc.option(line, { nil: undefined }),
  });
  const object = fc.record({
    id: fc.integer({ min: 0, max: 65_534 }),
    version: fc.tuple(fc.nat(99), fc.nat(99)).map((digits) => digits.join('.')),
    name: line,
    urn: fc.constant(undefined),
    lwm2mVersion: fc.constantFrom(undefined, '1.0', '1.1', '1.2'),
    multiple: flag,
    mandatory: flag,
    description: fc.option(line, { nil: undefined }),
    resources: fc
      .uniqueArray(resource, { maxLength: 8, selector: ({ id }) => id })
      .map((resources) => resources.toSorted((a, b) => a.id - b.id)),
  });

  test('any object', () => {
    fc.assert(
      fc.property(object, (some) => {
        expect(parseDdf(ddfText(some as unknown as DdfObject))).toEqual([some]);
      }),
    );
  });
});

describe('a file of the greatest length is read or refused in time that grows with its length alone', () => {
  // Work that grew with the square would take minutes here, and the test would run out of time.
  const filled = (before: string, part: string): string =>
    before + part.repeat((defaultDdfLimits.charactersMax - before.length) / part.length);

  test.each([
    ['elements', filled('<LWM2M>', '<a>x</a>')],
    ['open elements', filled('', '<a>')],
    ['attributes', filled('<LWM2M>', '<a b="c" d="e"/>')],
    ['references', filled('<LWM2M>', '&lt;x\r')],
    ['ampersands', filled('<LWM2M>', '&')],
    ['comments', filled('<LWM2M>', '<!-- x -->')],
    ['beginnings of comments', filled('<LWM2M><!--', '<!-')],
    ['sections', filled('<LWM2M>', '<![CDATA[x]]>')],
    ['brackets', filled('<LWM2M>', ']')],
    ['white space', filled('<LWM2M', ' ')],
    ['white space in a name', filled('<LWM2M><Object><Name>', ' \n')],
    ['a name', filled('<', 'a')],
    ['lines', filled('<LWM2M>', '\n')],
  ])('%s', (_, text) => expect(isReadOrRefused(text)).toBe(true));

  test('resources', () => {
    const resources = Array.from(
      { length: 10_000 },
      (_, id) => ({ id, name: 'x', operations: 'R', type: 'Float' }) as const,
    );
    const text = ddfText({ ...VALVE, resources });
    const [object] = parseDdf(text, { charactersMax: text.length, elementsMax: 600_000 });
    expect(object?.resources).toHaveLength(10_000);
  });
});
