// Compiles on every change and restarts the server when its output changes.
import { spawn } from 'node:child_process';

const compiler = spawn('tsc', ['-b', 'apps/server', '--watch', '--preserveWatchOutput'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let server;

compiler.stdout.on('data', (chunk) => {
  process.stdout.write(chunk);
  if (server || !/Found 0 errors/.test(String(chunk))) return;
  server = spawn(
    process.execPath,
    ['--watch', '--watch-preserve-output', '--enable-source-maps', 'apps/server/dist/main.js'],
    { stdio: 'inherit' },
  );
  server.on('exit', () => stop());
});

function stop() {
  compiler.kill();
  server?.kill();
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);
