import { AxeBuilder } from '@axe-core/playwright';
import { builtWeb } from '@natter/server';
import {
  type ConfigOverrides,
  FaultProxy,
  PASSWORD,
  startTestServer,
  type TestServer,
  type TestUser,
} from '@natter/testing';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const PATIENCE_MS = 15_000;

/** A browser with a server, and what went wrong in any of its pages. */
export class Stage {
  /** Requests to others, breaches of the content policy and uncaught errors. */
  readonly faults: string[] = [];

  private constructor(
    readonly server: TestServer,
    /** The way of all windows to the server. */
    readonly way: FaultProxy,
    private readonly browser: Browser,
  ) {}

  get url(): string {
    return this.way.url;
  }

  /** @param args Further ones for the browser, as for devices that it is to pretend. */
  static async open(overrides: ConfigOverrides = {}, args: readonly string[] = []): Promise<Stage> {
    const server = await startTestServer({
      webFolder: builtWeb,
      rateLimits: false,
      ...overrides,
    });
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', ...args],
    });
    return new Stage(server, await FaultProxy.start(server.url), browser);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.way.stop();
    await this.server.stop();
  }

  /** A window of somebody's own: nothing is shared with others. */
  async window(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ reducedMotion: 'reduce', ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    context.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      const isOurs = origin === this.url || /^(data|blob):$/.test(protocol);
      if (!isOurs) this.faults.push(`asked ${request.url()}`);
    });
    context.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) this.faults.push(message.text());
    });
    context.on('weberror', (error) => this.faults.push(String(error.error().stack)));
    return context.newPage();
  }

  /** The window of a user who has logged in by hand. */
  async at(user: TestUser, options: BrowserContextOptions = {}, path = '/'): Promise<Page> {
    const page = await this.window(options);
    await page.goto(this.url + path);
    await logIn(page, user);
    return page;
  }
}

export async function logIn(page: Page, { session }: TestUser): Promise<void> {
  await page.getByLabel('Username').fill(session.user.username);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('[data-region], h2').first().waitFor();
}

export function composer(page: Page) {
  return page.getByRole('textbox', { name: 'Message', exact: true });
}

/** The rows of messages that are in the page. */
export function messages(page: Page) {
  return page.locator('[data-message]');
}

export async function write(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

export async function openChat(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('list', { name: 'Chats' }).getByRole('link', { name }).click();
  await composer(page).waitFor();
}

/** Opens the menu of the first message with a text, and chooses from it. */
export async function chooseFor(page: Page, text: string, action: string): Promise<void> {
  await messages(page).filter({ hasText: text }).first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}

/** What is wrong for those who use the page by other senses or means, by axe. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
  );
  expect(found).toEqual([]);
}
