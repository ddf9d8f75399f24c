import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Tests run on the sources: they need no build, and a failure names a line of ours.
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    globalSetup: ['packages/testing/src/global-setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'test',
          include: ['{apps,packages,tools}/*/src/**/*.test.ts', 'bench/src/**/*.test.ts', 'tests/{contract,database,gates}/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'fault', include: ['tests/fault/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 60_000 },
      },
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
