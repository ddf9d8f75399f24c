import { createHash } from 'node:crypto';
import {
  type Command,
  commands,
  errors,
  type Event,
  events,
  MINIMUM_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  type Route,
  routes,
} from '@natter/protocol';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';

const ADVICE = `The wire protocol is not the one that tests/gates/protocol-hash.json was made of. Decide which it is:
- Additive (new routes, commands, events, optional fields): clients of today go on working. Keep PROTOCOL_VERSION.
- Breaking (something renamed, removed, or newly required): raise PROTOCOL_VERSION in packages/protocol/src/version.ts
  and write down there what changed.
Then update the file: npx vitest run --project test tests/gates/protocol-version.test.ts -u`;

function schemaOf(schema: z.core.$ZodType | undefined, io: 'input' | 'output') {
  return (
    schema &&
    z.toJSONSchema(schema, {
      io,
      // Zod's own patterns of ids and times change with Zod, not with the protocol.
      override: ({ jsonSchema }) => {
        if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
      },
    })
  );
}

/** The same for equal values, in whatever order their members were written. */
function hashOf(value: unknown): string {
  const canonical = JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
  return createHash('sha256').update(canonical).digest('hex').slice(0, 16);
}

function hashesOf<T>(
  entries: Readonly<Record<string, T>>,
  contract: (entry: T) => unknown,
): Record<string, string> {
  const hashes = Object.entries(entries).map(
    ([name, entry]) => [name, hashOf(contract(entry))] as const,
  );
  return Object.fromEntries(hashes.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * All that a client depends on. Summaries and tags are for people, rates are an operator's, and the codes of an entry are
 * free to grow.
 */
function protocolHashes() {
  return {
    version: PROTOCOL_VERSION,
    errors: hashesOf(errors, ({ status, retryable }) => ({ status, retryable })),
    commands: hashesOf<Command>(commands, ({ input, output }) => ({
      input: schemaOf(input, 'input'),
      output: schemaOf(output, 'output'),
    })),
    events: hashesOf<Event>(events, ({ to, payload }) => ({
      to,
      payload: schemaOf(payload, 'output'),
    })),
    routes: hashesOf<Route>(
      routes,
      ({
        summary: _,
        tag: __,
        errors: ___,
        rate: ____,
        params,
        query,
        body,
        output,
        ...route
      }) => ({
        ...route,
        params: schemaOf(params, 'input'),
        // Text that is read as a number: as input it would be anything.
        query: schemaOf(query, 'output'),
        body: schemaOf(body, 'input'),
        output: schemaOf(output, 'output'),
      }),
    ),
  };
}

it('the protocol is that of its version', async () => {
  const hashes = `${JSON.stringify(protocolHashes(), null, 2)}\n`;
  try {
    await expect(hashes).toMatchFileSnapshot('./protocol-hash.json');
  } catch (error) {
    throw new Error(ADVICE, { cause: error });
  }
});

it('the oldest version that is spoken is none of the future', () => {
  expect(MINIMUM_PROTOCOL_VERSION).toBeLessThanOrEqual(PROTOCOL_VERSION);
});
