import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Where CI wants the results of this run beside what is printed.
const { CI, VITEST_RESULTS: folder, VITEST_RESULTS_NAME: name } = process.env;
const results = folder && name ? join(folder, `${name}.json`) : undefined;

/** Of the wide suite, wherever they stand: what needs programs from Debian, or starts, stops and kills for long. */
const wide = [
  'tests/fault/**/*.test.ts',
  'tests/contract/{nodes,workers,pooler,inspection-recordings,database-trouble}.test.ts',
  'tests/contract/{push-outages,slow-readers,threats-locks}.test.ts',
  'tests/sdk/faults/**/*.test.ts',
  'apps/server/src/database/embedded/embedded-postgres*.test.ts',
  'apps/server/src/media/storage/bucket-storage.test.ts',
];

/** Of it, what compares times: it has the machine to itself. */
const quiet = ['tests/fault/{timing,text-cost}.test.ts'];

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
    // Tests wait more than they compute: three at a time keep two cores busy.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'test',
          // Most of a short file's time went into loading the server again; each file has a server and a database of its own.
          isolate: false,
          // Thousands of tests over real sockets on a shared machine: CI tries what fails once more, and names it at its end.
          retry: CI ? 1 : 0,
          include: [
            '{apps,packages,tools}/*/src/**/*.test.ts',
            'bench/src/**/*.test.ts',
            'tests/{contract,database,gates,model,sdk}/**/*.test.ts',
            '!tests/sdk/browser/**',
            ...wide.map((pattern) => `!${pattern}`),
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/{e2e,sdk/browser}/**/*.test.ts'],
          testTimeout: 90_000,
          // A browser beside servers on two cores: what fails is tried twice more, and reported so.
          retry: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'fault',
          include: [...wide, ...quiet.map((pattern) => `!${pattern}`)],
          testTimeout: 600_000,
          // Kills and pauses of real processes; the same.
          retry: 1,
        },
      },
      {
        extends: true,
        test: {
          name: 'quiet',
          include: quiet,
          testTimeout: 600_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          // A part of the wide suite: what a server does with files, once more with a bucket instead of a folder.
          name: 'bucket',
          include: [
            'tests/contract/media-{access,download,forgetting,messages,uploads}.test.ts',
            'tests/contract/{avatars,uploads}.test.ts',
          ],
          globalSetup: ['packages/testing/src/bucket-setup.ts'],
          setupFiles: ['packages/testing/src/bucket-tests.ts'],
          retry: 1,
        },
      },
    ],
  },
});
