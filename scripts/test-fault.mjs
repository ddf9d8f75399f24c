// `npm run test:fault -- --deep`: vitest takes no options of ours, so the size goes by the environment.
import { spawn } from 'node:child_process';

const parameters = process.argv.slice(2);
const isDeep = parameters.includes('--deep');
const tests = spawn(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project=fault',
    '--project=bucket',
    '--project=quiet',
    // Figures that take hours are not shared with another test's.
    ...(isDeep ? ['--no-file-parallelism'] : []),
    ...parameters.filter((parameter) => parameter !== '--deep'),
  ],
  // oxlint-disable-next-line node/no-process-env
  { stdio: 'inherit', env: { ...process.env, ...(isDeep && { NATTER_DEEP: '1' }) } },
);
tests.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
