import { readFileSync } from 'node:fs';
import { encodeUtf8, fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { echo } from './examples/answer-request.test-d.ts';
import { objects, payload } from './examples/object-list.test-d.ts';
import { show } from './examples/plain-cbor.test-d.ts';
import { readPack } from './examples/plain-senml.test-d.ts';
import { readTemperatures } from './examples/read-notification.test-d.ts';
import { valuesOf } from './examples/senml-stream.test-d.ts';
import { defaultDecodeLimits, lenient } from './index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/<!-- ([a-z-]+) -->\n```ts\n(.*?)```/gs)].map(([, name = '', code = '']) => ({
  name,
  code,
}));

describe('README', () => {
  test.each(examples)('the example $name is the file that is compiled', ({ name, code }) => {
    expect(code).toBe(readFileSync(new URL(`examples/${name}.test-d.ts`, import.meta.url), 'utf8'));
  });

  test('every block of code is such an example', () => {
    expect(examples).toHaveLength(6);
    expect(readme.match(/```ts/g)).toHaveLength(6);
  });

  test('leniencies and limits are all named', () => {
    for (const name of [...Object.keys(lenient), ...Object.keys(defaultDecodeLimits)])
      expect(readme).toContain(`\`${name}\``);
  });

  test('the examples do what they say', () => {
    const notification = fromHex('82a3216c2f333330332f302f35373030221a6553f10002f94d40a2060a02f94d60');
    expect(readTemperatures(notification, 1_700_000_100)).toEqual([
      '/3303/0/5700 21 at 2023-11-14T22:13:20.000Z',
      '/3303/0/5700 21.5 at 2023-11-14T22:13:30.000Z',
    ]);
    const tlv = fromHex('c10064');
    const unknown = (): undefined => undefined;
    expect(echo(tlv, { contentFormat: 11542, accept: 11542 }, unknown)).toEqual({ code: '2.05', payload: tlv });
    expect(echo(tlv, { contentFormat: 40, accept: 11542 }, unknown).code).toBe('4.15');
    expect(echo(tlv, { contentFormat: 11542, accept: 0 }, unknown).code).toBe('4.06');
    expect(echo(tlv.subarray(1), { contentFormat: 11542, accept: 0 }, unknown).code).toBe('4.00');
    expect(echo(encodeUtf8('[{"n":"/4/0/0","v":1}]'), { contentFormat: 110, accept: 110 }, unknown).code).toBe('4.00');
    expect(readPack(encodeUtf8('[{"bn":"urn:dev:mac:0a:","n":"t","v":21.5}]'))).toEqual([['urn:dev:mac:0a:t', 21.5]]);
    expect(show({ b: 1, a: 'x' })).toEqual({ again: { a: 'x', b: 1 }, text: '{"a": "x", "b": 1}' });
    const pieces = ['82a22161', '61026175', '', 'a2', '6161'].map(fromHex);
    expect(() => [...valuesOf(pieces)]).toThrow(expect.objectContaining({ name: 'DecodeError' }));
    expect([...valuesOf([fromHex('81a30061'), fromHex('6101626d730218fa')])]).toEqual([0.25]);
    expect(payload).toEqual(encodeUtf8('</>;rt="oma.lwm2m";ct="110 112",</3>;ver=1.1,</3/0>'));
    expect(objects).toEqual(new Map([[3, [0]]]));
  });
});
