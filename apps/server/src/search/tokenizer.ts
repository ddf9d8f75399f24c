import { TOKENS_VERSION, tokensOf } from './tokens.js';

/** How texts are indexed, and which version of that it is. */
export interface Tokenizer {
  readonly version: number;
  tokensOf(text: string): string[];
}

/** The injection token of the `Tokenizer`. */
export const TOKENIZER = Symbol('TOKENIZER');

export const tokenizer: Tokenizer = { version: TOKENS_VERSION, tokensOf };
