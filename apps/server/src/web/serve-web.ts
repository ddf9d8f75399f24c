import { readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NatterError } from '../errors/natter-error.js';
import { toProblem } from '../errors/translate.js';

/** Names below it carry a hash of their content. */
const HASHED = 'assets';
const FOR_EVER = 'public, max-age=31536000, immutable';
const ALWAYS_ASK = 'no-cache';

/** Addresses that are the API's and other pages', whether or not there is something at them. */
const NOT_THE_WEB_CLIENT = /^\/(v1|docs|socket\.io|healthz|readyz|metrics|assets|emoji)(\/|$)/;

/**
 * What the page may do: run and fetch what this server has, and nothing else. Images may come from memory, too, for
 * previews of what is to be sent.
 */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const pageHeaders = {
  'content-security-policy': contentPolicy,
  'permissions-policy': 'camera=(), geolocation=(), microphone=(self)',
  'referrer-policy': 'no-referrer',
};

/** At `/` whoever asks gets the page, also a newcomer's `curl`; elsewhere who wants one. */
function isPage(request: FastifyRequest): boolean {
  const [path = ''] = request.url.split('?');
  if (path === '/') return true;
  return !NOT_THE_WEB_CLIENT.test(path) && request.headers.accept?.includes('text/html') === true;
}

/**
 * Serves the web client, where it was built: its page at `/`, its files, and for every other address that a browser opens
 * the page again, which knows what to show there. The API's addresses stay the API's.
 *
 * @returns whether there is a web client to serve.
 */
export async function serveWeb(
  application: NestFastifyApplication,
  folder: string | undefined,
): Promise<void> {
  if (folder === undefined) return;
  const page = join(folder, 'index.html');
  if (!statSync(page, { throwIfNoEntry: false })?.isFile()) return;
  const html = readFileSync(page);
  const sendPage = (request: FastifyRequest, reply: FastifyReply): void => {
    if (isPage(request)) {
      void reply
        .headers({ ...pageHeaders, 'cache-control': ALWAYS_ASK })
        .type('text/html; charset=utf-8')
        .send(html);
      return;
    }
    const problem = toProblem(new NatterError('NOT_FOUND'), request.id);
    void reply.status(problem.status).type('application/problem+json').send(problem);
  };
  await application.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    index: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const isHashed = path.startsWith(join(folder, HASHED) + sep);
      void reply.header('cache-control', isHashed ? FOR_EVER : ALWAYS_ASK);
      // A service worker is held to the policy that comes with its script.
      void reply.header('content-security-policy', contentPolicy);
    },
  });
  application.getHttpAdapter().getInstance().get('/*', sendPage);
}
