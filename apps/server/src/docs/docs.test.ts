import 'reflect-metadata';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOGGER } from '../logging/logger.js';
import { DocsModule } from './docs.module.js';
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

describe('the page', () => {
  it('loads nothing but what this server has', async () => {
    const page = await get('/docs');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const links = [...page.body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link]) =>
      String(link),
    );
    const ours = links.filter((link) => link !== 'data:,');
    expect(ours).toHaveLength(4);
    for (const link of ours) {
      const file = await application.inject({
        method: 'GET',
        url: new URL(link, 'http://localhost/docs').pathname,
      });
      expect([link, file.statusCode, file.body === '']).toEqual([link, 200, false]);
    }
    expect(page.body).not.toMatch(/https?:\/\/|style=|<style|<script>|\son\w+=/);
  });

  it('is held to that by its content policy', async () => {
    const policy = (await get('/docs')).headers['content-security-policy'];
    expect(policy).toContain("default-src 'self';");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });
});

describe('the description', () => {
  it('is the document of the protocol', async () => {
    const response = await get('/docs/openapi.json');
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(response.json()).toEqual(openApiDocument());
  });
});

describe('a file', () => {
  it.each([
    ['/docs', 'text/html; charset=utf-8', 'no-cache'],
    ['/docs/openapi.json', 'application/json; charset=utf-8', 'no-cache'],
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
