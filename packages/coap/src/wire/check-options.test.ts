import { fromHex } from '@motestack/bytes';
import { vectors } from '@motestack/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkOptions } from './check-options.ts';
import { decodeMessage } from './decode-message.ts';
import type { Option } from './message.ts';
import { optionDefinition, optionDefinitions } from './option-definition.ts';
import { OptionNumber } from './option-number.ts';

function option(number: number, length = 0): Option {
  return { number, value: new Uint8Array(length) };
}

describe('checkOptions', () => {
  test('recognized options are given back as they came', () => {
    const options = [option(11, 1), option(11, 2), option(17, 1)];
    const checked = checkOptions(options);
    expect(checked.recognized).toBe(options);
    expect(checked.unrecognizedCritical).toEqual([]);
    expect(checkOptions([]).recognized).toEqual([]);
  });

  // What the semantic rows are about: which options a message may not be processed with, which are overlooked.
  test.each([
    ['critical-req-con', [65001], []],
    ['critical-rsp-con', [65001], []],
    ['elective-req', [], []],
    ['repeat-nonrepeatable-critical', [17], [17]],
    ['optlen-critical', [7], []],
    ['optlen-elective', [], []],
    ['hop-limit-0', [], []],
    ['proxy-uri-origin', [], [35]],
  ])('%s', (id, unrecognizedCritical, recognized) => {
    const row = vectors<{ vectors: { id: string; hex: string }[] }>('coap-messages').vectors.find(
      (one) => one.id === id,
    );
    const checked = checkOptions(decodeMessage(fromHex(row?.hex ?? '')).options);
    expect(checked.unrecognizedCritical).toEqual(unrecognizedCritical);
    expect(checked.recognized.map(({ number }) => number)).toEqual(recognized);
  });

  test.each(optionDefinitions)('$name is recognized from $lengthMin to $lengthMax bytes', (definition) => {
    const { number, lengthMin, lengthMax, critical } = definition;
    const refused = { recognized: [], unrecognizedCritical: critical ? [number] : [] };
    expect(checkOptions([option(number, lengthMin)]).recognized).toHaveLength(1);
    expect(checkOptions([option(number, lengthMax)]).recognized).toHaveLength(1);
    expect(checkOptions([option(number, lengthMax + 1)])).toEqual(refused);
    if (lengthMin > 0) expect(checkOptions([option(number, lengthMin - 1)])).toEqual(refused);
  });

  test.each(optionDefinitions)('a second $name: repeatable is $repeatable', (definition) => {
    const { number, lengthMin, critical, repeatable } = definition;
    const checked = checkOptions([option(number, lengthMin), option(number, lengthMin)]);
    expect(checked.recognized).toHaveLength(repeatable ? 2 : 1);
    expect(checked.unrecognizedCritical).toEqual(critical && !repeatable ? [number] : []);
  });

  test('the receiver says what it understands', () => {
    const onlyPath = (number: number) => (number === OptionNumber.UriPath ? optionDefinition(number) : undefined);
    const options = [option(11, 1), option(12, 1), option(27, 1)];
    expect(checkOptions(options, onlyPath)).toEqual({ recognized: [option(11, 1)], unrecognizedCritical: [27] });
  });

  test('every option is recognized, critical and not, or elective and not', () => {
    const any = fc.record({ number: fc.nat(70), value: fc.uint8Array({ maxLength: 10 }) });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (unordered) => {
        const options = unordered.toSorted((left, right) => left.number - right.number);
        const { recognized, unrecognizedCritical } = checkOptions(options);
        const rest = options.filter((one) => !recognized.includes(one));
        expect(recognized.every(({ number }) => optionDefinition(number) !== undefined)).toBe(true);
        expect(rest.filter(({ number }) => number % 2 === 1).map(({ number }) => number)).toEqual(unrecognizedCritical);
        expect(recognized).toEqual(options.filter((one) => recognized.includes(one)));
      }),
    );
  });
});
