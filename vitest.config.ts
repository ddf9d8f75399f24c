import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Where CI wants the results of this run beside what is printed.
const { VITEST_RESULTS: folder, VITEST_RESULTS_NAME: name } = process.env;
const results = folder && name ? join(folder, `${name}.json`) : undefined;

export default defineConfig({
  // Tests run on the sources: a failure names a line of ours.
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    globalSetup: ['packages/testing/src/global-setup.ts'],
    reporters: results ? ['default', 'json'] : ['default'],
    outputFile: { json: results ?? '' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'test',
          include: [
            '{apps,packages,tools}/*/src/**/*.test.ts',
            'bench/src/**/*.test.ts',
            'tests/{contract,database,gates,model,sdk}/**/*.test.ts',
            '!tests/sdk/browser/**',
            // Against a real S3 of Debian's, with the wide suite.
            '!apps/server/src/media/storage/bucket-storage.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/{e2e,sdk/browser}/**/*.test.ts'],
          testTimeout: 90_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'fault',
          include: [
            'tests/fault/**/*.test.ts',
            'apps/server/src/media/storage/bucket-storage.test.ts',
          ],
          testTimeout: 600_000,
        },
      },
    ],
  },
});
