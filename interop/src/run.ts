import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { places } from './places.ts';
import { preparePeers } from './prepare-peers.ts';

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** A file that did not load or whose peer did not start fails as one, whatever its tests are counted as. */
function filesThatFailedAsOne({ testResults }: Results): number {
  const asOne = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  );
  return asOne.length;
}

const prepared = preparePeers();
rmSync(places.results, { force: true });
const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${places.results}`];
const vitest = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.config.ts', ...reporters, ...process.argv.slice(2)],
  { cwd: places.interop, stdio: 'inherit' },
);
const results = JSON.parse(readFileSync(places.results, 'utf8')) as Results;
for (const [peer, readiness] of Object.entries(prepared))
  if (!readiness.ready) console.log(`interop: SKIPPED ${peer}: ${readiness.problem}`);
const failed = results.numFailedTests + filesThatFailedAsOne(results);
console.log(`${results.numPassedTests} passed, ${failed} failed, ${results.numPendingTests} skipped`);
process.exitCode = vitest.status === 0 && failed === 0 && results.numPassedTests > 0 ? 0 : 1;
