import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { complaint } from './complaint.js';
import { codeOf, importsOf, isForTests, type Source, sourcesBelow } from './sources.js';

const SERVER = 'apps/server/src';
const PROTOCOL = 'packages/protocol/src';
const CLIENT = 'packages/client/src';
const MOST_LINES = 500;

const everything = sourcesBelow('apps', 'packages', 'tools', 'bench', 'tests', 'scripts');
const shipped = everything.filter(
  (source) => /^(apps|packages)\//.test(source.path) && !isForTests(source),
);
const server = shipped.filter(({ path }) => path.startsWith(`${SERVER}/`));

/** The lines of code that match, as `path: line`. */
function linesWith(sources: readonly Source[], pattern: RegExp): string[] {
  return sources.flatMap((source) =>
    codeOf(source)
      .split('\n')
      .filter((line) => pattern.test(line))
      .map((line) => `${source.path}: ${line.trim()}`),
  );
}

it('the sources are found', () => {
  for (const folder of [SERVER, PROTOCOL, 'packages/testing/src', 'tests/gates']) {
    expect(everything.filter(({ path }) => path.startsWith(`${folder}/`))).not.toEqual([]);
  }
});

it(`no file has more than ${MOST_LINES} lines`, () => {
  const long = everything.filter(({ text }) => text.split('\n').length - 1 > MOST_LINES);
  expect(
    complaint(
      long.map(({ path }) => path),
      'Cut these by what they do:',
    ),
  ).toBe('');
});

describe('emitting to sockets', () => {
  const EMITTER = `${SERVER}/realtime/dispatcher.ts`;
  const EMISSION =
    /\.(?:to|in|except|emit|emitWithAck|serverSideEmit)\(|\.(?:local|broadcast|volatile)\b/;
  /**
   * What looks like it and is none: the feed hands its items to whoever made it, mostly to the dispatcher; the
   * documentation shows, as text, what a client writes.
   */
  const LOOKALIKES = [
    `${SERVER}/realtime/ordered-feed.ts: this.source.emit(item);`,
    `${SERVER}/docs/socket-page.ts: const answer = await socket.timeout(10_000).emitWithAck(command, payload);`,
  ];

  it('is done by the dispatcher alone', () => {
    const found = linesWith(
      server.filter(({ path }) => path !== EMITTER),
      EMISSION,
    );
    expect(
      complaint(
        found.filter((line) => !LOOKALIKES.includes(line)),
        'Append to a stream, or let the dispatcher do this:',
      ),
    ).toBe('');
    expect(
      complaint(
        LOOKALIKES.filter((line) => !found.includes(line)),
        'These are gone; take them off the list above:',
      ),
    ).toBe('');
  });

  it('is done by the dispatcher', () => {
    expect(
      linesWith(
        server.filter(({ path }) => path === EMITTER),
        EMISSION,
      ),
    ).not.toEqual([]);
  });
});

it('process.env is read in one place', () => {
  const READING =
    /\bprocess\??\.env\b|\bprocess\[['"]env['"]\]|\benv\b.*(?:= process\b|['"](?:node:)?process['"])/;
  const found = linesWith(shipped, READING).map((line) => line.split(':')[0]);
  expect([...new Set(found)]).toEqual([`${SERVER}/config/environment.ts`]);
});

describe('imports', () => {
  const ours = everything.flatMap((source) =>
    importsOf(source)
      .filter(({ specifier }) => specifier.startsWith('@natter/'))
      .map(({ specifier }) => ({ source, path: source.path, specifier })),
  );
  /** As `path: specifier`. */
  const shown = (imports: typeof ours) =>
    imports.map(({ path, specifier }) => `${path}: ${specifier}`);

  it('of the protocol are none of ours, and nothing that only Node has', () => {
    const found = sourcesBelow(PROTOCOL)
      .filter((source) => !isForTests(source))
      .flatMap((source) => importsOf(source).map(({ specifier }) => `${source.path}: ${specifier}`))
      .filter((line) => !/: (\.|zod(\/|$))/.test(line));
    expect(complaint(found, 'The protocol stands alone, with Zod:')).toBe('');
  });

  it('of the server are the protocol alone', () => {
    const found = ours.filter(
      ({ source, specifier }) => server.includes(source) && specifier !== '@natter/protocol',
    );
    expect(complaint(shown(found), 'The server knows of the protocol alone:')).toBe('');
  });

  it('of the client are the protocol and what each entry point needs', () => {
    /** What the rest of the package may not know, by the folder that may. */
    const needs: Readonly<Record<string, RegExp>> = {
      transport: /^socket\.io-client$/,
      react: /^react$/,
      indexeddb: /^idb$/,
      node: /^node:(fs|fs\/promises|path)$/,
      // Of Node its types alone: what bundles for browsers is not to see more.
      uploads: /^(tus-js-client|node:stream)$/,
    };
    const found = sourcesBelow(CLIENT)
      .filter((source) => !isForTests(source))
      .flatMap((source) => {
        const folder = source.path.slice(CLIENT.length + 1).split('/')[0] ?? '';
        return importsOf(source)
          .filter(({ specifier }) => !/^(\.|@natter\/protocol$)/.test(specifier))
          .filter(({ specifier }) => !needs[folder]?.test(specifier))
          .map(({ specifier }) => `${source.path}: ${specifier}`);
      });
    expect(complaint(found, 'Let the entry point that is for it import it:')).toBe('');
  });

  it('of the web client are the SDK alone', () => {
    const found = ours.filter(
      ({ path, specifier }) =>
        path.startsWith('apps/web/') &&
        !/^@natter\/client(\/(react|indexeddb|uploads))?$/.test(specifier),
    );
    expect(complaint(shown(found), 'Let the SDK export this:')).toBe('');
  });

  it('of the server itself are made by tests alone', () => {
    const found = ours.filter(
      ({ source, specifier }) => /^@natter\/server(\/|$)/.test(specifier) && !isForTests(source),
    );
    expect(complaint(shown(found), 'Speak to the server through the protocol:')).toBe('');
  });

  it('never reach into another package by its path', () => {
    const found = everything
      .filter(({ path }) => !path.startsWith('tests/gates/'))
      .flatMap((source) => {
        const home = source.path.startsWith('tests/')
          ? 'tests'
          : /^(?:[^/]+\/)+?src(?=\/)/.exec(source.path)?.[0];
        return importsOf(source)
          .filter(({ specifier }) => specifier.startsWith('.'))
          .map(({ specifier }) => posix.join(posix.dirname(source.path), specifier))
          .filter((target) => home !== undefined && !target.startsWith(`${home}/`))
          .map((target) => `${source.path}: ${target}`);
      });
    expect(complaint(found, 'Import the package by its name:')).toBe('');
  });

  it("of a feature never hold another feature's repository, but for types", () => {
    // The streams are below the features: what they store is read through their log, which asks nobody for leave.
    const BELOW = ['streams'];
    const folderOf = (path: string) => path.slice(SERVER.length + 1).split('/')[0] ?? '';
    const found = server.flatMap((source) =>
      importsOf(source)
        .filter(({ specifier, typeOnly }) => specifier.endsWith('.repository.js') && !typeOnly)
        .map(({ specifier }) => posix.join(posix.dirname(source.path), specifier))
        .filter(
          (target) =>
            folderOf(target) !== folderOf(source.path) && !BELOW.includes(folderOf(target)),
        )
        .map((target) => `${source.path}: ${target}`),
    );
    expect(complaint(found, "Ask the other feature's service:")).toBe('');
  });
});
