import { type Html, html, joined } from './html.js';
import { isJsonObject, type Json, type JsonObject, referredId } from './json-schema.js';

/** Where the shape of a component is shown on the page. */
export function shapeAnchor(id: string): string {
  return `shape-${id}`;
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function propertiesOf(schema: JsonObject): [string, JsonObject][] {
  if (!isJsonObject(schema.properties)) return [];
  return Object.entries(schema.properties).map(([name, property]) => [
    name,
    isJsonObject(property) ? property : {},
  ]);
}

function isRequired(schema: JsonObject, name: string): boolean {
  return listOf(schema.required).includes(name);
}

function alternativesOf(schema: JsonObject): JsonObject[] {
  return [...listOf(schema.oneOf), ...listOf(schema.anyOf)].filter(isJsonObject);
}

function objectType(schema: JsonObject): Html {
  const members = propertiesOf(schema).map(
    ([name, property]) => html`${name}${isRequired(schema, name) ? '' : '?'}: ${typeOf(property)}`,
  );
  if (members.length > 0) return html`{ ${joined(members, ', ')} }`;
  const { additionalProperties: values } = schema;
  return isJsonObject(values) && Object.keys(values).length > 0
    ? html`{ [name]: ${typeOf(values)} }`
    : html`object`;
}

function listType(schema: JsonObject): Html {
  const tuple = [schema.prefixItems, schema.items].find((items) => Array.isArray(items));
  if (tuple) return html`[${joined(listOf(tuple).filter(isJsonObject).map(typeOf), ', ')}]`;
  const item = isJsonObject(schema.items) ? schema.items : {};
  const isSimple = alternativesOf(item).length < 2 && listOf(item.enum).length < 2;
  return isSimple ? html`${typeOf(item)}[]` : html`(${typeOf(item)})[]`;
}

function plainType(type: Json, schema: JsonObject): Html {
  if (type === 'object') return objectType(schema);
  if (type === 'array') return listType(schema);
  if (type === 'string' && typeof schema.format === 'string') return html`${schema.format}`;
  return html`${typeof type === 'string' ? type : 'any'}`;
}

/** A schema in the notation of TypeScript, with links to the components. */
export function typeOf(schema: Json): Html {
  if (!isJsonObject(schema)) return html`any`;
  const id = referredId(schema);
  if (id !== undefined) return html`<a href="#${shapeAnchor(id)}">${id}</a>`;
  if (schema.const !== undefined) return html`${JSON.stringify(schema.const)}`;
  const values = listOf(schema.enum);
  if (values.length > 0) {
    return joined(
      values.map((value) => JSON.stringify(value)),
      ' | ',
    );
  }
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) return joined(alternatives.map(typeOf), ' | ');
  const parts = listOf(schema.allOf).filter(isJsonObject);
  if (parts.length > 0) return joined(parts.map(typeOf), ' & ');
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'any'];
  return joined(
    types.map((type) => plainType(type, schema)),
    ' | ',
  );
}

/** Keywords that narrow a type, as a reader would say them. */
const constraints: readonly (readonly [keyword: string, say: (value: string) => string])[] = [
  ['minimum', (value) => `at least ${value}`],
  ['exclusiveMinimum', (value) => `more than ${value}`],
  ['maximum', (value) => `at most ${value}`],
  ['exclusiveMaximum', (value) => `less than ${value}`],
  ['minLength', (value) => `length at least ${value}`],
  ['maxLength', (value) => `length at most ${value}`],
  ['minItems', (value) => `length at least ${value}`],
  ['maxItems', (value) => `length at most ${value}`],
  ['pattern', (value) => `matches ${value}`],
  ['default', (value) => `default ${value}`],
];

function notesOf(schema: JsonObject): string[] {
  const described = typeof schema.description === 'string' ? [schema.description] : [];
  const own = constraints.flatMap(([keyword, say]) => {
    const value = schema[keyword];
    return value === undefined
      ? []
      : [say(typeof value === 'string' ? value : JSON.stringify(value))];
  });
  return [...described, ...own, ...alternativesOf(schema).flatMap(notesOf)];
}

interface Field {
  readonly path: string;
  readonly required: boolean;
  readonly type: Html;
  readonly notes: readonly string[];
}

interface InnerObject {
  readonly object: JsonObject;
  /** What comes after the name of the field: `[]` for each list that it is in. */
  readonly suffix: string;
  readonly nullable: boolean;
}

/** The object that a field is, or is a list of, where its members deserve rows of their own. */
function innerObject(schema: JsonObject): InnerObject | undefined {
  if (schema.type === 'array' && isJsonObject(schema.items)) {
    const inner = innerObject(schema.items);
    return inner && { ...inner, suffix: `[]${inner.suffix}`, nullable: false };
  }
  const alternatives = alternativesOf(schema);
  const [object = schema, ...others] = alternatives.filter(({ type }) => type !== 'null');
  if (others.length > 0 || propertiesOf(object).length === 0) return undefined;
  return { object, suffix: '', nullable: alternatives.length > 1 };
}

function fieldsOf(schema: JsonObject, prefix: string): Field[] {
  return propertiesOf(schema).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    const inner = innerObject(property);
    const field: Field = {
      path,
      required: isRequired(schema, name),
      type: inner
        ? html`object${inner.suffix}${inner.nullable ? ' | null' : ''}`
        : typeOf(property),
      notes: notesOf(property),
    };
    return [field, ...(inner ? fieldsOf(inner.object, `${path}${inner.suffix}.`) : [])];
  });
}

function row({ path, required, type, notes }: Field): Html {
  return html`<tr>
    <td><code>${path}</code>${required ? '' : html` <span class="optional">optional</span>`}</td>
    <td><code>${type}</code></td>
    <td>${notes.join('; ')}</td>
  </tr> `;
}

/** How many rows `schemaView` shows. */
export function fieldCount(schema: Json): number {
  return isJsonObject(schema) ? fieldsOf(schema, '').length : 0;
}

/** What a schema holds: a table of its fields, or the list of what it may be. */
export function schemaView(schema: Json): Html {
  if (!isJsonObject(schema)) return html`<p>Anything.</p>`;
  const fields = fieldsOf(schema, '');
  if (fields.length > 0) {
    return html`<div class="wide">
      <table class="fields">
        <thead>
          <tr>
            <th>Field</th>
            <th>Type</th>
            <th>Notes</th>
          </tr>
        </thead>
        <tbody>
          ${fields.map(row)}
        </tbody>
      </table>
    </div> `;
  }
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 1) {
    return html`<p>One of:</p>
      <ul class="alternatives">
        ${alternatives.map((alternative) => html`<li><code>${typeOf(alternative)}</code></li> `)}
      </ul> `;
  }
  const isEmpty = schema.type === 'object' && propertiesOf(schema).length === 0;
  return isEmpty ? html`<p><code>{}</code></p>` : html`<p><code>${typeOf(schema)}</code></p>`;
}
