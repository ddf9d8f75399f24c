import { describe, expect, it } from 'vitest';
import { codeOf, importsOf, testTitles } from './sources.js';

const source = (text: string) => ({ path: 'example.ts', text });

describe('imports', () => {
  it('are found in every form', () => {
    const imports = importsOf(
      source(`
        import 'reflect-metadata';
        import one from 'one';
        import * as two from "two";
        import { three,
          type Other } from './three.js';
        import type { Four } from './four.js';
        import { type Five, type Six } from './five.js';
        export * from './six.js';
        export { type Seven } from './seven.js';
        const eight = await import('./eight.js');
        // import { nothing } from './comment.js';
        export function from(query) { return \`select a from 'b'\`; }
      `),
    );
    expect(imports.filter(({ typeOnly }) => !typeOnly).map(({ specifier }) => specifier)).toEqual([
      'reflect-metadata',
      'one',
      'two',
      './three.js',
      './six.js',
      './eight.js',
    ]);
    expect(imports.filter(({ typeOnly }) => typeOnly).map(({ specifier }) => specifier)).toEqual([
      './four.js',
      './five.js',
      './seven.js',
    ]);
  });
});

describe('titles', () => {
  it('are found in every form, but not of tests that do not run', () => {
    const titles = testTitles(
      source(`
        it('A-1 plain', () => {});
        test("A-2 it's quoted", () => {});
        it.concurrent.only(
          \`A-3 in a template\`,
        );
        it.each(names.filter((name) => name !== ')'))(
          'A-4 of %s', () => {});
        it.skipIf(process.env['X'])('A-5 sometimes', () => {});
        it.skip('B-1 skipped', () => {});
        it.todo('B-2 to do');
        exit('B-3 no test'); socket.it('B-4 a method'); emit('B-5');
        // it('B-6 commented out', () => {});
      `),
    );
    expect(titles).toEqual([
      'A-1 plain',
      "A-2 it's quoted",
      'A-3 in a template',
      'A-4 of %s',
      'A-5 sometimes',
    ]);
  });
});

describe('code', () => {
  it('is what stands outside of comments', () => {
    const code = codeOf(
      source(
        `/** speaks of process.env */\nconst url = 'http://x'; // and .emit( here\n  /* and\n.to( */\nnext();`,
      ),
    );
    expect(code).not.toMatch(/process|emit|\.to/);
    expect(code).toContain("'http://x'");
    expect(code).toContain('next()');
  });
});
