import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { html } from './html.js';
import { SchemaComponents } from './json-schema.js';
import { fieldCount, schemaView, typeOf } from './schema-view.js';

function described(schema: z.ZodMiniType) {
  return new SchemaComponents('draft-7').describe(schema, 'output');
}

/** The rows of a table, each cell as text. */
function rowsOf(schema: z.ZodMiniType): string[][] {
  const { markup } = schemaView(described(schema));
  const rows = [...markup.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) => String(row));
  return rows
    .map((row) => [...row.matchAll(/<td>(.*?)<\/td>/gs)])
    .filter((cells) => cells.length > 0)
    .map((cells) => cells.map(([, cell]) => String(cell).replaceAll(/<[^>]*>/g, '')));
}

const registry = z.globalRegistry;
const Shape = z.object({ size: z.int() }).register(registry, { id: 'ShapeOfThisTest' });

describe('a type', () => {
  it.each([
    [z.string(), 'string'],
    [z.uuid(), 'uuid'],
    [z.nullable(z.string()), 'string | null'],
    [z.array(z.int()), 'integer[]'],
    [z.array(z.enum(['a', 'b'])), '("a" | "b")[]'],
    [z.literal(true), 'true'],
    [z.tuple([z.int(), z.string()]), '[integer, string]'],
    [z.record(z.string(), z.boolean()), '{ [name]: boolean }'],
    [
      z.union([z.object({ a: z.string() }), z.object({ b: z.optional(z.int()) })]),
      '{ a: string } | { b?: integer }',
    ],
    [z.unknown(), 'any'],
  ])('%# is written as in TypeScript', (schema, type) => {
    expect(typeOf(described(schema)).markup).toBe(html`${type}`.markup);
  });

  it('that is a component is a link to it', () => {
    expect(typeOf(described(z.array(Shape))).markup).toBe(
      '<a href="#shape-ShapeOfThisTest">ShapeOfThisTest</a>[]',
    );
  });
});

describe('a table', () => {
  const schema = z.object({
    limit: z.optional(z.int().check(z.minimum(1), z.maximum(9))),
    shape: Shape,
    items: z.array(z.object({ emoji: z.string() })),
    me: z.optional(z.nullable(z.object({ inner: z.object({ at: z.iso.datetime() }) }))),
  });

  it('has a row for each field, inner ones too, down to the components', () => {
    expect(rowsOf(schema)).toEqual([
      ['limit optional', 'integer', 'at least 1; at most 9'],
      ['shape', 'ShapeOfThisTest', ''],
      ['items', 'object[]', ''],
      ['items[].emoji', 'string', ''],
      ['me optional', 'object | null', ''],
      ['me.inner', 'object', ''],
      ['me.inner.at', 'date-time', ''],
    ]);
    expect(fieldCount(described(schema))).toBe(7);
  });

  it('is a list where there is a choice', () => {
    const { markup } = schemaView(described(z.union([z.object({ a: z.string() }), Shape])));
    expect(markup).toContain('<code>{ a: string }</code>');
    expect(markup).toContain('<a href="#shape-ShapeOfThisTest">');
  });

  it('is not there where nothing is to be said', () => {
    expect(schemaView(described(z.object({}))).markup).toBe('<p><code>{}</code></p>');
  });
});
