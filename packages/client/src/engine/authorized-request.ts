import { toChatError } from '../errors.js';
import { callRoute, type HttpOptions } from '../transport/http.js';
import type { Request } from './read-snapshot.js';
import type { Tokens } from './tokens.js';

/** Requests with the tokens of a user; one that the server refuses is renewed, once. */
export function authorizedRequest(http: HttpOptions, tokens: Tokens): Request {
  return async (name, parts) => {
    const token = await tokens.get();
    try {
      return await callRoute(http, name, parts, token);
    } catch (thrown) {
      if (toChatError(thrown).code !== 'UNAUTHENTICATED') throw thrown;
      tokens.refuse(token);
      return callRoute(http, name, parts, await tokens.get());
    }
  };
}
