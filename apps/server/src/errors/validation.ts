import * as z from 'zod/mini';
import { NatterError } from './natter-error.js';

const SHOWN_ISSUES = 20;

/**
 * Reads a value by its schema.
 *
 * @throws {NatterError} `INVALID`, with one detail for each field that is wrong, twenty at most.
 */
export function validate<T>(schema: z.core.$ZodType<T>, value: unknown): T {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  throw new NatterError('INVALID', undefined, {
    details: result.error.issues
      .slice(0, SHOWN_ISSUES)
      .map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message })),
  });
}
