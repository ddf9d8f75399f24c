import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@natter/testing';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { vi } from 'vitest';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const PAGE = fileURLToPath(new URL('page.ts', import.meta.url));
const PATIENCE = { timeout: 30_000, interval: 50 };

/** Where a Chromium is installed, as by `apt-get install chromium`. */
export const executable = CHROMIUM.find((path) => existsSync(path));

/** The page of a test as one script, as a browser would get it. */
async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['source'] },
    build: { write: false, rolldownOptions: { input: PAGE, output: { codeSplitting: false } } },
  });
  const outputs = Array.isArray(result) ? result : [result];
  const [chunk] = outputs.flatMap((each) => ('output' in each ? each.output : []));
  if (chunk?.type !== 'chunk') throw new Error('The page was not built');
  return chunk.code;
}

/** A real Chromium with a profile of its own, which can be killed and started again. */
export class TestBrowser {
  private child: ChildProcess | undefined;
  private browser: Browser | undefined;

  private constructor(
    private readonly server: Server,
    private readonly address: string,
    private readonly profile: string,
  ) {}

  static async open(): Promise<TestBrowser> {
    const script = await bundle();
    const server = createServer((request, response) => {
      const isScript = request.url?.startsWith('/page.js');
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(
        isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>',
      );
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const profile = await mkdtemp(join(tmpdir(), 'natter-chromium-'));
    const browser = new TestBrowser(server, `http://localhost:${port}`, profile);
    await browser.start();
    return browser;
  }

  async start(): Promise<void> {
    const child = spawn(
      executable ?? '',
      [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--no-first-run',
        '--remote-debugging-port=0',
        `--user-data-dir=${this.profile}`,
        'about:blank',
      ],
      { stdio: 'ignore', detached: true },
    );
    this.child = child;
    const file = join(this.profile, 'DevToolsActivePort');
    const port = await vi.waitFor(async () => {
      const [line] = (await readFile(file, 'utf8')).split('\n');
      if (!line) throw new Error('Chromium has no port yet');
      return line;
    }, PATIENCE);
    this.browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  }

  /** A new tab with the test's page and a server that it speaks to. */
  async tab(url: string): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(`${this.address}/?url=${encodeURIComponent(url)}`);
    await page.waitForFunction('window.natter !== undefined');
    return page;
  }

  /** SIGKILL for all of its processes at once. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child?.pid === undefined) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    process.kill(-child.pid, 'SIGKILL');
    await exited;
    await rm(join(this.profile, 'DevToolsActivePort'), { force: true });
    await rm(join(this.profile, 'SingletonLock'), { force: true });
  }

  async close(): Promise<void> {
    await this.browser?.close().catch(() => undefined);
    await this.kill().catch(() => undefined);
    this.server.close();
    this.server.closeAllConnections();
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private get context(): BrowserContext {
    const [context] = this.browser?.contexts() ?? [];
    if (!context) throw new Error('Chromium is not running');
    return context;
  }
}
