import { FaultProxy, freshName, noFaults } from '@natter/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { messagesOf, receivedHash } from '../media-stage.js';
import { PATIENCE, Stage, textsOf } from '../stage.js';
import { executable, TestBrowser } from './browser.js';
import type { PageApi } from './page.js';

const PASSWORD = 'correct horse battery';
const MISSED = 500;

/** Calls a function of the page's `natter`. */
async function call<K extends keyof PageApi>(page: Page, name: K, ...parameters: unknown[]) {
  const script = `Promise.resolve(typeof natter.${name} === 'function' ? natter.${name}(...${JSON.stringify(parameters)}) : natter.${name})`;
  const result: unknown = await page.evaluate(script);
  return result;
}

async function until(page: Page, name: keyof PageApi, parameters: unknown[], wanted: unknown) {
  await vi.waitFor(
    async () => expect(await call(page, name, ...parameters)).toEqual(wanted),
    PATIENCE,
  );
}

describe.skipIf(executable === undefined)(
  'in Chromium, with a real IndexedDB (wants chromium)',
  () => {
    let stage: Stage;
    let browser: TestBrowser;
    let proxy: FaultProxy;
    beforeAll(async () => {
      stage = await Stage.open();
      proxy = await FaultProxy.start(stage.server.url);
      browser = await TestBrowser.open();
    });
    beforeEach(() => {
      proxy.faults = noFaults;
      proxy.rise();
    });
    afterAll(async () => {
      await browser.close();
      await proxy.stop();
      await stage.close();
    });

    async function login(page: Page): Promise<void> {
      await call(page, 'register', freshName(), PASSWORD);
      await until(page, 'status', [], 'live');
    }

    it('what was written in a plane arrives once and in order, though the browser is killed', async () => {
      const ben = await stage.client();
      const page = await browser.tab(proxy.url);
      await login(page);
      const chatId = String(await call(page, 'direct', ben.me.getSnapshot()?.id));
      proxy.fall();
      const texts = ['one', 'two', 'three', 'four', 'five'];
      for (const text of texts) await call(page, 'send', chatId, text);
      await until(page, 'stored', [], texts.length);
      await browser.kill();
      await browser.start();
      const again = await browser.tab(proxy.url);
      await until(
        again,
        'shown',
        [chatId],
        texts.map((text) => ({ text, status: 'queued' })),
      );
      expect(await call(again, 'status')).not.toBe('live');
      proxy.rise();
      await vi.waitFor(() => expect(textsOf(ben, chatId)).toEqual(texts), PATIENCE);
      await until(again, 'pending', [], 0);
      expect(textsOf(ben, chatId)).toEqual(texts);
      await again.close();
    });

    it('a file that was sent in a plane goes on where it was cut, though the browser is killed', async () => {
      const ben = await stage.client();
      const page = await browser.tab(proxy.url);
      await login(page);
      const chatId = String(await call(page, 'direct', ben.me.getSnapshot()?.id));
      proxy.fall();
      const hash = await call(page, 'sendFile', chatId, 64);
      await call(page, 'send', chatId, 'behind');
      await until(page, 'stored', [], 2);
      await until(page, 'storedFiles', [], 1);
      await browser.kill();
      await browser.start();
      const again = await browser.tab(proxy.url);
      await until(again, 'pending', [], 2);
      proxy.faults = { ...noFaults, cut: 0.02, delayMs: 2 };
      proxy.rise();
      await until(again, 'pending', [], 0);
      proxy.faults = noFaults;
      await vi.waitFor(() => expect(messagesOf(ben, chatId)).toHaveLength(2), PATIENCE);
      const [message] = messagesOf(ben, chatId);
      expect(message).toMatchObject({ kind: 'media', text: 'a file' });
      expect(await receivedHash(ben, message?.media?.[0]?.id)).toBe(hash);
      await until(again, 'storedFiles', [], 0);
      await again.close();
    });

    it(`${MISSED} messages that were missed are there in order, counted, and without starting anew`, async () => {
      const ben = await stage.client();
      const page = await browser.tab(proxy.url);
      await login(page);
      const chatId = String(await call(page, 'direct', ben.me.getSnapshot()?.id));
      await vi.waitFor(() => expect(ben.chats.list().getSnapshot()[0]?.id).toBe(chatId), PATIENCE);
      const resets = await call(page, 'resets');
      proxy.fall();
      const texts = Array.from({ length: MISSED }, (_, index) => `missed ${index}`);
      const sends = texts.map((text) => ben.chats.open(chatId).send(text).sent);
      await Promise.all(sends);
      const requests: string[] = [];
      page.on('request', (request) => requests.push(new URL(request.url()).pathname));
      proxy.rise();
      await vi.waitFor(async () => {
        const shown = await call(page, 'shown', chatId);
        expect(shown).toEqual(texts.map((text) => ({ text, status: 'received' })));
      }, PATIENCE);
      expect(await call(page, 'unread', chatId)).toBe(MISSED);
      expect(await call(page, 'gaps', chatId)).toBe(0);
      expect(await call(page, 'resets')).toEqual(resets);
      expect(requests).not.toContain('/v1/chats');
      await page.close();
    });

    it('two tabs share a device, and when the leader is killed the other goes on, once and in order', async () => {
      const ben = await stage.client();
      const leader = await browser.tab(stage.server.url);
      await login(leader);
      const follower = await browser.tab(stage.server.url);
      await until(follower, 'status', [], 'live');
      const chatId = String(await call(follower, 'direct', ben.me.getSnapshot()?.id));
      // Of a chat that comes with messages he would have to load them.
      await vi.waitFor(() => expect(ben.chats.open(chatId).getSnapshot()).toBeDefined(), PATIENCE);
      const texts = Array.from({ length: 40 }, (_, index) => `number ${index}`);
      for (const [index, text] of texts.entries()) {
        if (index === 20) {
          const session = await leader.context().newCDPSession(leader);
          session.send('Page.crash').catch(() => undefined);
        }
        await call(follower, 'send', chatId, text);
      }
      await vi.waitFor(() => expect(textsOf(ben, chatId)).toEqual(texts), PATIENCE);
      await until(follower, 'pending', [], 0);
      expect(textsOf(ben, chatId)).toEqual(texts);
      expect(await call(follower, 'status')).toBe('live');
    });
  },
);
