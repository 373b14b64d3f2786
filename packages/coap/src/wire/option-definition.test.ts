import { vectors } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { optionDefinition, optionDefinitions } from './option-definition.ts';
import { OptionNumber } from './option-number.ts';

interface Row {
  number: number;
  name: string;
  format: string;
  minLength: number;
  maxLength: number;
  repeatable: boolean;
  critical: boolean;
  unsafe: boolean;
  noCacheKey: boolean;
}

const rows = vectors<{ optionProperties: Row[] }>('coap-messages').optionProperties;

describe('optionDefinitions', () => {
  test('are those of the registry, ascending, and nothing else', () => {
    expect(optionDefinitions.map(({ number }) => number)).toEqual(rows.map(({ number }) => number));
    expect(Object.values(OptionNumber)).toEqual(rows.map(({ number }) => number));
    expect(rows).toHaveLength(27);
  });

  test.each(rows)('$number $name', (row) => {
    const { name, format, repeatable, critical, unsafe, noCacheKey } = row;
    const flags = { repeatable, critical, unsafe, noCacheKey };
    const expected = { number: row.number, name, format, lengthMin: row.minLength, lengthMax: row.maxLength, ...flags };
    expect(optionDefinition(row.number)).toEqual(expected);
    const constant = name.toLowerCase().replaceAll('-', '');
    const [found] = Object.entries(OptionNumber).filter(([key]) => key.toLowerCase() === constant);
    expect(found?.[1]).toBe(row.number);
  });

  test('an option that is not registered has none', () => {
    expect(optionDefinition(0)).toBeUndefined();
    expect(optionDefinition(65001)).toBeUndefined();
  });
});
