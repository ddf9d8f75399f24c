import * as z from 'zod/mini';

export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The dialect of OpenAPI 3.1 (2020-12), and that of AsyncAPI 3.0. */
export type Dialect = 'draft-2020-12' | 'draft-7';

/** Where each dialect keeps the definitions of a document. */
const DEFINITION = /^#\/(?:\$defs|definitions)\//;
const COMPONENT = '#/components/schemas/';

/** The id of the component that a schema refers to, where it is a reference. */
export function referredId(schema: JsonObject): string | undefined {
  return typeof schema.$ref === 'string' ? schema.$ref.slice(COMPONENT.length) : undefined;
}

/** A JSON value whose references to definitions of its own document point to components instead. */
function withComponentReferences(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'string') {
    return value.replace(DEFINITION, COMPONENT);
  }
  if (Array.isArray(value)) return value.map(withComponentReferences);
  if (typeof value !== 'object') throw new Error(`Unable to describe a ${typeof value} in JSON`);
  // How draft 7 is written for references that could have had company.
  if (Object.keys(value).length === 1 && 'allOf' in value && Array.isArray(value.allOf)) {
    const [only, ...others] = value.allOf.map(withComponentReferences);
    if (only !== undefined && others.length === 0) return only;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withComponentReferences(member)]),
  );
}

/** Takes out of a schema what would mislead a reader or a generator of clients. */
function simplify({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  // The patterns of ids and times repeat their format, one of them in 300 characters.
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  // A newer server may send more fields, which clients ignore.
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  // What every whole number of JavaScript keeps to.
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

/** The same members in the order of their names, so that the order in which they were found does not show. */
export function sortedByName(members: Iterable<[string, Json]>): JsonObject {
  return Object.fromEntries([...members].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** JSON Schemas of Zod schemas. Those registered with an id are collected as components and referred to. */
export class SchemaComponents {
  private readonly components = new Map<string, Json>();

  constructor(private readonly dialect: Dialect) {}

  /**
   * The schema of what is sent (`input`) or of what it is read as (`output`).
   *
   * @throws where a registered schema differs between the two: each needs a registration of its own.
   */
  describe(schema: z.core.$ZodType, io: 'input' | 'output'): Json {
    // As the item of a list, a registered schema is referred to like everywhere else.
    const { items, $defs, definitions } = z.toJSONSchema(z.array(schema), {
      target: this.dialect,
      io,
      override: simplify,
    });
    for (const [id, definition] of Object.entries($defs ?? definitions ?? {})) {
      this.add(id, withComponentReferences(definition));
    }
    return withComponentReferences(items);
  }

  /** All that were referred to so far, by id. */
  all(): JsonObject {
    return sortedByName(this.components);
  }

  private add(id: string, definition: Json): void {
    const known = this.components.get(id);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(definition)) {
      throw new Error(`Unable to describe ${id}; it is another as input than as output`);
    }
    this.components.set(id, definition);
  }
}
