// Packs the SDK as it would be published, and uses it where it is not at home: in Next, in Metro and in plain Node.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';

const root = fileURLToPath(new URL('../..', import.meta.url));
const template = fileURLToPath(new URL('project', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'natter-outside-'));
const began = performance.now();

function run(command, ...args) {
  return execFileSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
  });
}

function say(what) {
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  process.stdout.write(`${seconds.padStart(4)} s  ${what}\n`);
}

function expect(actual, wanted, where) {
  if (actual.includes(wanted)) return;
  throw new Error(`${where}: expected "${wanted}" in:\n${actual.slice(0, 2000)}`);
}

function pack(name) {
  const args = ['pack', join(root, 'packages', name), '--json', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(run('npm', ...args));
  return `./${filename}`;
}

function install() {
  cpSync(template, folder, { recursive: true });
  const packed = ['protocol', 'client'].map(pack);
  run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...packed);
}

function entryPoints() {
  const installed = join(folder, 'node_modules/@natter/client/package.json');
  const { name, exports } = JSON.parse(readFileSync(installed, 'utf8'));
  return Object.keys(exports).map((path) => path.replace('.', name));
}

function importInNode() {
  const script = `
    for (const entry of ${JSON.stringify(entryPoints())}) {
      if (Object.keys(await import(entry)).length === 0) throw new Error(entry + ' is empty');
    }`;
  run(process.execPath, '--input-type=module', '-e', script);
}

function buildWithNext() {
  run(process.execPath, 'node_modules/next/dist/bin/next', 'build');
  const page = readFileSync(join(folder, '.next/server/app/index.html'), 'utf8');
  const text = page.replaceAll('<!-- -->', '');
  expect(text, 'server: offline', 'The page of the server');
  expect(text, 'page: offline, 0 chats', 'The components of the page');
}

function bundleWithMetro(platform) {
  run(process.execPath, 'bundle-native.cjs', platform);
  const code = readFileSync(join(folder, `native.${platform}.js`), 'utf8');
  // What an engine of a phone has, and nothing of Node or a page.
  const timers = { setTimeout, clearTimeout, queueMicrotask };
  const phone = createContext({ ...timers, AbortController, TextEncoder, WebSocket, fetch });
  runInContext(code, phone);
  expect(String(phone.whatIsShown), 'offline, 0 chats', `The app for ${platform}`);
}

try {
  install();
  say('packed and installed');
  importInNode();
  say(`imported in Node ${process.version}: ${entryPoints().join(', ')}`);
  buildWithNext();
  say('built with Next, rendered on its server');
  for (const platform of ['ios', 'android']) {
    bundleWithMetro(platform);
    say(`bundled with Metro for ${platform}, and run without a page`);
  }
} catch (error) {
  process.stderr.write(`${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
