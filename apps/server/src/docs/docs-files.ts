import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Injectable } from '@nestjs/common';
import { asyncApiText } from './asyncapi.js';
import { docsPage, docsScript } from './docs-page.js';
import { docsStyle } from './docs-style.js';
import { openApiText } from './openapi.js';
import { socketPage } from './socket-page.js';

export interface DocsFile {
  readonly type: string;
  readonly content: Buffer;
  /** An entity tag of the content. */
  readonly tag: string;
}

const HTML = 'text/html; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

interface Source {
  readonly type: string;
  read(): Promise<Buffer>;
}

const { resolve } = createRequire(import.meta.url);

function ofPackage(type: string, path: string): Source {
  return { type, read: () => readFile(resolve(path)) };
}

function ofText(type: string, text: () => string): Source {
  return { type, read: () => Promise.resolve(Buffer.from(text())) };
}

/** All there is: no path on disk ever comes from a request. */
const sources = new Map<string, Source>([
  ['page', ofText(HTML, () => docsPage)],
  ['openapi.json', ofText(JSON_TYPE, openApiText)],
  ['socket', ofText(HTML, socketPage)],
  ['asyncapi.json', ofText(JSON_TYPE, asyncApiText)],
  ['assets/natter-docs.css', ofText(CSS, () => docsStyle)],
  ['assets/natter-docs.js', ofText(SCRIPT, () => docsScript)],
  ['assets/swagger-ui.css', ofPackage(CSS, 'swagger-ui-dist/swagger-ui.css')],
  ['assets/swagger-ui-bundle.js', ofPackage(SCRIPT, 'swagger-ui-dist/swagger-ui-bundle.js')],
]);

async function load(source: Source): Promise<DocsFile> {
  const content = await source.read();
  const digest = createHash('sha256').update(content).digest('base64url');
  return { type: source.type, content, tag: `"${digest}"` };
}

/** The files of the documentation pages, each kept from its first reading on. */
@Injectable()
export class DocsFiles {
  private readonly loaded = new Map<string, DocsFile>();

  /** `undefined` where there is no such file. */
  async find(name: string): Promise<DocsFile | undefined> {
    const source = sources.get(name);
    if (!source) return undefined;
    const file = this.loaded.get(name) ?? (await load(source));
    this.loaded.set(name, file);
    return file;
  }
}
