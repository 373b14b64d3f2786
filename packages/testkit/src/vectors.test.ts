import { expect, test } from 'vitest';
import { vectors } from './vectors.ts';

test('loads a file by its name', () => {
  expect(vectors<{ name: string }>('package').name).toBe('@motestack/test-vectors');
});

test('names the file that is not there', () => {
  expect(() => vectors('no-such-file')).toThrow('no-such-file.json');
});
