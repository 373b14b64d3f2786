import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** The part of JSON Schema that `schema.json` makes use of; anything else in it fails the test. */
interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const KEYWORDS = new Set(
  'type const enum pattern minimum minLength minItems required properties additionalProperties items $ref'.split(' '),
);
const ANNOTATIONS = new Set(['$schema', '$id', '$defs', 'title', 'description']);

const folder = new URL('../../../../test-vectors/', import.meta.url);
const schema: Schema = load('schema.json');
const suites = readdirSync(folder).filter((name) => name.endsWith('.json') && !/^(schema|package)\.json$/.test(name));

function load<Contents>(name: string): Contents {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Contents;
}

/** Every place where the value is not as the schema says. */
function faults(value: unknown, rule: Schema, at: string): string[] {
  if (rule.$ref !== undefined) {
    const target = schema.$defs?.[rule.$ref.replace('#/$defs/', '')];
    return target === undefined ? [`${at}: no ${rule.$ref}`] : faults(value, target, at);
  }
  const unknown = Object.keys(rule).filter((keyword) => !KEYWORDS.has(keyword) && !ANNOTATIONS.has(keyword));
  const wrong = Object.entries({
    const: rule.const !== undefined && value !== rule.const,
    enum: rule.enum !== undefined && !rule.enum.includes(value),
    pattern: rule.pattern !== undefined && !new RegExp(rule.pattern, 'u').test(String(value)),
    minimum: rule.minimum !== undefined && Number(value) < rule.minimum,
    minLength: rule.minLength !== undefined && String(value).length < rule.minLength,
    minItems: rule.minItems !== undefined && Array.isArray(value) && value.length < rule.minItems,
    type: rule.type !== undefined && typeOf(value) !== rule.type,
  }).filter(([, isWrong]) => isWrong);
  const here = [...unknown, ...wrong.map(([keyword]) => keyword)].map((keyword) => `${at}: ${keyword}`);
  if (Array.isArray(value)) return [...here, ...value.flatMap((item, index) => items(item, rule, `${at}/${index}`))];
  return typeOf(value) === 'object' ? [...here, ...members(value as Record<string, unknown>, rule, at)] : here;
}

function items(item: unknown, rule: Schema, at: string): string[] {
  return rule.items === undefined ? [] : faults(item, rule.items, at);
}

function members(value: Record<string, unknown>, rule: Schema, at: string): string[] {
  const missing = (rule.required ?? []).filter((name) => !(name in value)).map((name) => `${at}: no ${name}`);
  const present = Object.entries(value).flatMap(([name, member]) => {
    const own = rule.properties?.[name] ?? rule.additionalProperties ?? true;
    if (own === false) return [`${at}: unknown ${name}`];
    return own === true ? [] : faults(member, own, `${at}/${name}`);
  });
  return [...missing, ...present];
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

interface Row {
  readonly id: string;
  readonly verified?: boolean;
}

interface VectorFile {
  readonly suite: string;
  readonly count: number;
  readonly verifiedCount?: number;
}

function rowsOf(file: VectorFile): Row[] {
  return Object.values(file)
    .filter((list) => Array.isArray(list))
    .flat()
    .filter((row): row is Row => typeOf(row) === 'object');
}

describe('the published vectors', () => {
  test('are all there', () => {
    expect(suites).toHaveLength(15);
  });

  test.each(suites)('%s is as the schema says', (name) => {
    expect(faults(load(name), schema, name)).toEqual([]);
  });

  test.each(suites)('%s counts its rows, and every row has an id of its own', (name) => {
    const file = load<VectorFile>(name);
    const rows = rowsOf(file);
    expect(file.suite).toBe(name.replace('.json', ''));
    expect(file.count).toBe(rows.length);
    expect(file.verifiedCount ?? 0).toBe(rows.filter(({ verified }) => verified).length);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  test.each(suites)('%s has a line for each row', (name) => {
    const file = load<VectorFile>(name);
    const lines = readFileSync(new URL(name, folder), 'utf8').split('\n');
    for (const row of rowsOf(file)) {
      expect(lines.filter((line) => line.startsWith(`    {"id": ${JSON.stringify(row.id)}, `))).toHaveLength(1);
    }
  });

  test('the README counts them all', () => {
    const readme = readFileSync(new URL('README.md', folder), 'utf8');
    const count = suites.reduce((sum, name) => sum + rowsOf(load(name)).length, 0);
    expect(readme).toContain(`${count} rows`);
    for (const name of suites) expect(readme).toContain(`**${name.replace('.json', '')}**`);
  });
});

describe('the validator finds', () => {
  const row = { id: 'a', source: 's', origin: 'spec', verified: true };
  const file = { $schema: './schema.json', suite: 'a', schemaVersion: 1, description: 'd', count: 1, vectors: [row] };

  test('nothing in a sound file', () => {
    expect(faults(file, schema, '')).toEqual([]);
  });

  test.each([
    ['a wrong constant', { ...file, schemaVersion: 2 }, '/schemaVersion: const'],
    ['a list of another name', { ...file, vektors: [] }, ': unknown vektors'],
    ['an empty list', { ...file, vectors: [] }, '/vectors: minItems'],
    ['odd hex', { ...file, vectors: [{ ...row, hex: 'abc' }] }, '/vectors/0/hex: pattern'],
    ['an unknown kind', { ...file, vectors: [{ ...row, kind: 'bad' }] }, '/vectors/0/kind: enum'],
    ['a wrong type', { ...file, vectors: [{ ...row, verified: 1 }] }, '/vectors/0/verified: type'],
    ['a row without id', { ...file, vectors: [{ source: 's', origin: 'spec', verified: true }] }, '/vectors/0: no id'],
  ])('%s', (_what, broken, fault) => {
    expect(faults(broken, schema, '')).toContain(fault);
  });
});
