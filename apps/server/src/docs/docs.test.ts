import 'reflect-metadata';
import { type Command, commands, type Event, events, policies, receivers } from '@natter/protocol';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOGGER } from '../logging/logger.js';
import { asyncApiDocument } from './asyncapi.js';
import { DocsModule } from './docs.module.js';
import { prose } from './html.js';
import { openApiDocument } from './openapi.js';

const logger = { provide: LOGGER, useValue: pino({ level: 'silent' }) };

@Global()
@Module({ providers: [logger], exports: [logger] })
class LoggingModule {}

@Module({ imports: [LoggingModule, DocsModule] })
class DocsAlone {}

let application: NestFastifyApplication;
beforeAll(async () => {
  application = await NestFactory.create<NestFastifyApplication>(DocsAlone, new FastifyAdapter(), {
    logger: false,
  });
  await application.init();
});
afterAll(() => application.close());

function get(url: string, headers: Record<string, string> = {}) {
  return application.inject({ method: 'GET', url, headers });
}

function sectionOf(page: string, id: string): string {
  const start = page.indexOf(`<article id="${id}">`);
  if (start < 0) throw new Error(`There is no section ${id}`);
  return page.slice(start, page.indexOf('</article>', start));
}

/** Where a page links to within the documentation, as paths of this server. */
function linksOf(page: string, url: string): string[] {
  return [...page.matchAll(/(?:src|href)="([^"#][^"]*)"/g)]
    .map(([, link]) => String(link))
    .filter((link) => link !== 'data:,')
    .map((link) => new URL(link, `http://localhost${url}`).pathname);
}

describe.each(['/docs', '/docs/socket'])('the page %s', (url) => {
  it('loads nothing but what this server has', async () => {
    const page = await get(url);
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const links = linksOf(page.body, url);
    expect(links).toEqual(expect.arrayContaining(['/docs', '/docs/socket']));
    for (const link of links) {
      const file = await get(link);
      expect([link, file.statusCode, file.body === '']).toEqual([link, 200, false]);
    }
    const markup = page.body.replaceAll(/<pre>.*?<\/pre>/gs, '');
    expect(markup).not.toMatch(/https?:\/\/|style=|<style|<script>|\son\w+=/);
  });

  it('is held to that by its content policy', async () => {
    const policy = (await get(url)).headers['content-security-policy'];
    expect(policy).toContain("default-src 'self';");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });
});

describe('the page of commands and events', () => {
  it('has no script, and ids of its own that its links lead to', async () => {
    const { body } = await get('/docs/socket');
    expect(body).not.toContain('<script');
    const ids = [...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...body.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
    expect(ids.filter((id) => !targets.includes(id))).toEqual([]);
  });

  it.each(Object.entries<Command>(commands))('describes the command %s', async (name, command) => {
    const section = sectionOf((await get('/docs/socket')).body, `command-${name}`);
    expect(section).toContain(prose(command.summary).markup);
    expect(section).toContain(prose(policies[command.policy]).markup);
    expect(section).toContain('<summary>Payload</summary>');
    expect(section).toContain('<summary>Acknowledgement: data</summary>');
    for (const code of command.errors) expect(section).toContain(`<code>${code}</code>`);
  });

  it.each(Object.entries<Event>(events))('describes the event %s', async (name, event) => {
    const section = sectionOf((await get('/docs/socket')).body, `event-${name}`);
    expect(section).toContain(prose(event.summary).markup);
    expect(section).toContain(prose(receivers[event.to]).markup);
    expect(section).toContain('<summary>Payload</summary>');
  });
});

describe('a description', () => {
  it.each([
    ['/docs/openapi.json', openApiDocument],
    ['/docs/asyncapi.json', asyncApiDocument],
  ])('%s is the document of the protocol', async (url, document) => {
    const response = await get(url);
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(response.json()).toEqual(document());
  });
});

describe('a file', () => {
  it.each([
    ['/docs', 'text/html; charset=utf-8', 'no-cache'],
    ['/docs/openapi.json', 'application/json; charset=utf-8', 'no-cache'],
    ['/docs/socket', 'text/html; charset=utf-8', 'no-cache'],
    ['/docs/asyncapi.json', 'application/json; charset=utf-8', 'no-cache'],
    ['/docs/assets/natter-docs.css', 'text/css; charset=utf-8', 'public, max-age=3600'],
    ['/docs/assets/natter-docs.js', 'text/javascript; charset=utf-8', 'public, max-age=3600'],
    ['/docs/assets/swagger-ui-bundle.js', 'text/javascript; charset=utf-8', 'public, max-age=3600'],
    ['/docs/assets/swagger-ui.css', 'text/css; charset=utf-8', 'public, max-age=3600'],
  ])('%s is sent once and then only confirmed', async (url, type, caching) => {
    const first = await get(url);
    expect(first.headers).toMatchObject({
      'content-type': type,
      'cache-control': caching,
      'x-content-type-options': 'nosniff',
    });
    const again = await get(url, { 'if-none-match': String(first.headers.etag) });
    expect(again.statusCode).toBe(304);
    expect(again.body).toBe('');
    const changed = await get(url, { 'if-none-match': '"another"' });
    expect(changed.statusCode).toBe(200);
  });

  it.each([
    '/docs/assets/nothing.js',
    '/docs/assets/..%2f..%2fpackage.json',
    '/docs/assets/..%2fpage',
    '/docs/assets/swagger-ui.js',
    '/docs/assets/__proto__',
  ])('%s is none of them', async (url) => {
    const response = await get(url);
    expect(response.statusCode).toBe(404);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.json()).toMatchObject({ code: 'NOT_FOUND' });
  });
});
