import { defineConfig } from 'vitest/config';

const source = 'packages/*/src';

export default defineConfig({
  // `ssr.resolve`, not `resolve`: tests in the node environment resolve by these conditions.
  ssr: { resolve: { conditions: ['@motestack/source', 'module', 'node', 'development|production'] } },
  test: {
    // Modules without state of their own need no worker each: a third of the time.
    isolate: false,
    maxWorkers: '100%',
    // A busy machine is no fault: no test waits for time, so only a hang takes so long.
    testTimeout: 30_000,
    setupFiles: ['./vitest.setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${source}/**/*.test.ts`],
          exclude: [`${source}/**/*.{prop,sim,slow}.test.ts`, `${source}/node/**`],
        },
      },
      { extends: true, test: { name: 'prop', include: [`${source}/**/*.prop.test.ts`] } },
      { extends: true, test: { name: 'sim', include: [`${source}/**/*.sim.test.ts`] } },
      { extends: true, test: { name: 'node', include: [`${source}/node/**/*.test.ts`] } },
      {
        extends: true,
        test: { name: 'tidy', include: ['tools/**/*.test.ts'], exclude: ['**/node_modules/**'] },
      },
      { extends: true, test: { name: 'slow', include: [`${source}/**/*.slow.test.ts`], testTimeout: 600_000 } },
    ],
  },
});
