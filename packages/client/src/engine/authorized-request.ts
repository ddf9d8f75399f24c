import { toChatError, unreachable } from '../errors.js';
import { callRoute, type HttpOptions } from '../transport/http.js';
import type { Request } from './read-snapshot.js';
import type { Tokens } from './tokens.js';

/**
 * Requests with the tokens of a user; one that the server refuses is renewed, once. What was asked before somebody else
 * may have logged in fails as `UNAVAILABLE`: the answer is about another one.
 */
export function authorizedRequest(http: HttpOptions, tokens: Tokens): Request {
  return async (name, parts) => {
    const { generation } = tokens;
    for (let isRenewed = false; ; isRenewed = true) {
      const token = await tokens.get();
      if (tokens.generation !== generation) throw unreachable();
      try {
        const output = await callRoute(http, name, parts, token);
        if (tokens.generation !== generation) throw unreachable();
        return output;
      } catch (thrown) {
        if (isRenewed || toChatError(thrown).code !== 'UNAUTHENTICATED') throw thrown;
        tokens.refuse(token);
      }
    }
  };
}
