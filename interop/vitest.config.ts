import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  // `ssr.resolve`, not `resolve`: tests in the node environment resolve by these conditions.
  ssr: { resolve: { conditions: ['@motestack/source', 'module', 'node', 'development|production'] } },
  test: {
    name: 'interop',
    include: ['cases/**/*.test.ts'],
    testTimeout: 40_000,
    hookTimeout: 60_000,
    // Two cores: more peers at once would only wait for each other.
    maxWorkers: 2,
  },
});
