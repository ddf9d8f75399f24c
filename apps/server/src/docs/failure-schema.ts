import { type ErrorCode, errors } from '@natter/protocol';
import type { Json, JsonObject } from './json-schema.js';

/** The schema of a failure, narrowed to those codes that can come. */
export function failureOf(failure: Json, codes: readonly ErrorCode[]): JsonObject {
  return { allOf: [failure, { type: 'object', properties: { code: { enum: [...codes] } } }] };
}

/** When a code comes, as Markdown. */
export function noteOf(code: ErrorCode): string {
  return `\`${code}\`: ${errors[code].when}`;
}
