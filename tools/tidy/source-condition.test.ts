import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fromHex } from '@motestack/bytes';
import { expect, test } from 'vitest';
import { root } from './workspace.ts';

test('the source condition leads to TypeScript, in Node', () => {
  const program = "console.log(import.meta.resolve('@motestack/bytes'))";
  const run = (...flags: string[]): string =>
    execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', program], {
      cwd: join(root, 'packages/coap'),
      encoding: 'utf8',
    }).trim();
  expect(run('--conditions=@motestack/source')).toMatch(/\/packages\/bytes\/src\/index\.ts$/);
  expect(run()).toMatch(/\/bytes\/dist\/index\.js$/);
});

test('the source condition leads to TypeScript, in the tests', () => {
  const stack = ((): string => {
    try {
      fromHex('no hex');
      return '';
    } catch (error) {
      return error instanceof Error ? (error.stack ?? '') : '';
    }
  })();
  expect(stack).toContain('/packages/bytes/src/');
});
