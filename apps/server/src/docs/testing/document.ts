import { isJsonObject, type Json, type JsonObject } from '../json-schema.js';

/** The value at a path of keys; a failure names the key that is missing. */
export function at(value: Json, ...keys: string[]): Json {
  return keys.reduce((inner, key) => {
    const found = isJsonObject(inner) ? inner[key] : undefined;
    if (found === undefined)
      throw new Error(`There is no ${key} in ${JSON.stringify(inner).slice(0, 200)}`);
    return found;
  }, value);
}

export function textAt(value: Json, ...keys: string[]): string {
  const found = at(value, ...keys);
  if (typeof found !== 'string') throw new Error(`${keys.join('.')} is no text`);
  return found;
}

export function members(value: Json): [string, Json][] {
  return isJsonObject(value) ? Object.entries(value) : [];
}

/** What a list holds; throws where it is none. */
export function items(value: Json): Json[] {
  if (!Array.isArray(value)) throw new Error('It is no list');
  return value;
}

/** Every object of the document. */
export function* objects(value: Json): Generator<JsonObject> {
  if (Array.isArray(value)) for (const item of value) yield* objects(item);
  if (!isJsonObject(value)) return;
  yield value;
  for (const member of Object.values(value)) yield* objects(member);
}

/** Every reference of the document. */
export function references(document: Json): string[] {
  return [...objects(document)].flatMap((object) =>
    typeof object.$ref === 'string' ? [object.$ref] : [],
  );
}

/** What a reference within the document points to; throws where that is nothing. */
export function referred(document: Json, reference: string): Json {
  const [root, ...keys] = reference.split('/');
  if (root !== '#') throw new Error(`${reference} is not of this document`);
  return at(document, ...keys);
}
