import { describe, expect, test } from 'vitest';
import { parseBinding } from './binding.ts';

describe('parseBinding [LwM2M Core 1.0 §5.3.1.1, 1.2 §6.2.1.2]', () => {
  test.each<[string, string[], boolean]>([
    ['U', ['UDP'], false],
    ['UQ', ['UDP'], true],
    ['S', ['SMS'], false],
    ['SQ', ['SMS'], true],
    ['US', ['UDP', 'SMS'], false],
    ['UQS', ['UDP', 'SMS'], true],
    ['UT', ['UDP', 'TCP'], false],
    ['TU', ['TCP', 'UDP'], false],
    ['UTSN', ['UDP', 'TCP', 'SMS', 'Non-IP'], false],
    ['MH', ['MQTT', 'HTTP'], false],
    ['UU', ['UDP'], false],
    ['', [], false],
  ])('%s', (text, modes, queueMode) => {
    expect(parseBinding(text)).toEqual({ modes, queueMode, unknown: '' });
  });

  test('letters that nobody knows are named', () => {
    expect(parseBinding('UXZ')).toEqual({ modes: ['UDP'], queueMode: false, unknown: 'XZ' });
  });
});
