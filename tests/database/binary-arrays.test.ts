import { randomUUID } from 'node:crypto';
import {
  boolArray,
  byteaArray,
  int8Array,
  textArray,
  timestamptzArray,
  tsvectorArray,
  uuidArray,
} from '@natter/server/database';
import { createTestDatabase, queryDatabase, type TestDatabase } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const TEXTS = ['', 'plain', 'NULL', '{"a","b"}', 'back\\slash', 'zwölf 🎉 سلام', 'x'.repeat(70_000)];

const UUID_DIGITS = '01234567-89ab-cdef-fedc-ba9876543210';

async function readBack(type: string, array: Buffer | null): Promise<unknown> {
  const sql = `select $1::${type}[] as values`;
  const [row] = await queryDatabase<{ values: unknown }>(database.url, sql, [array]);
  return row?.values;
}

it.each([
  { type: 'uuid', array: uuidArray, values: [randomUUID(), randomUUID(), UUID_DIGITS] },
  { type: 'text', array: textArray, values: TEXTS },
  { type: 'bytea', array: byteaArray, values: [Buffer.of(), Buffer.of(0, 255), Buffer.alloc(300)] },
  { type: 'bool', array: boolArray, values: [true, false] },
  {
    type: 'timestamptz',
    array: timestamptzArray,
    values: [new Date(0), new Date('2026-11-29T09:03:34.567Z'), new Date('1901-02-03')],
  },
])('PostgreSQL reads the values of $type and nulls between them', async (one) => {
  const { type, values } = one;
  // The union of the functions takes the intersection of their values; the table pairs them.
  const array = one.array as (values: readonly unknown[]) => Buffer | null;
  expect(await readBack(type, array(values))).toEqual(values);
  const withNulls = [undefined, ...values, undefined];
  expect(await readBack(type, array(withNulls))).toEqual([null, ...values, null]);
});

it('an array of nulls alone is null, and so is one of nothing', async () => {
  expect(uuidArray([undefined, undefined])).toBeNull();
  expect(textArray([])).toBeNull();
});

it('numbers beyond 32 bits come as they are', async () => {
  const numbers = [
    0,
    -1,
    2 ** 32,
    -(2 ** 32),
    2 ** 40 + 7,
    -(2 ** 40) - 7,
    Number.MAX_SAFE_INTEGER,
  ];
  expect(await readBack('bigint', int8Array(numbers))).toEqual(numbers.map(String));
});

it('an id in capitals is the same id', async () => {
  expect(await readBack('uuid', uuidArray([UUID_DIGITS.toUpperCase()]))).toEqual([UUID_DIGITS]);
});

it('a vector has its lexemes in the order of PostgreSQL, whatever order they come in', async () => {
  const rests = new Map(['b', 'a', 'ü', '🎉', "it's", ''].map((rest) => [rest, '\u0001']));
  const array = tsvectorArray([
    { prefix: '7:', rests },
    { prefix: '7:', rests: new Map() },
  ]);
  const sql = `select tsvector_to_array(v) as lexemes,
    strip(v) = array_to_tsvector(array['7:a', '7:b', '7:ü', '7:🎉', '7:it''s', '7:']) as same
    from unnest($1::tsvector[]) v where v <> ''`;
  expect(await queryDatabase(database.url, sql, [array])).toMatchObject([
    { lexemes: ['7:', '7:a', '7:b', "7:it's", '7:ü', '7:🎉'], same: true },
  ]);
});

it('a vector has the positions of each lexeme', async () => {
  const all = Array.from({ length: 127 }, (_, index) => index + 1);
  const array = tsvectorArray([
    {
      prefix: '',
      rests: new Map([
        ['all', String.fromCharCode(...all)],
        ['few', '\u0002\u0010\u007f'],
        ['one', '\u0005'],
      ]),
    },
  ]);
  const sql = `select lexeme, positions from unnest($1::tsvector[]) v, unnest(v) order by lexeme`;
  expect(await queryDatabase(database.url, sql, [array])).toEqual([
    { lexeme: 'all', positions: all },
    { lexeme: 'few', positions: [2, 16, 127] },
    { lexeme: 'one', positions: [5] },
  ]);
});
