import type { ErrorCode } from '@natter/protocol';
import type { DetailedError } from 'tus-js-client';
import { ChatError, unreachable } from '../errors.js';
import { codeOf } from '../transport/http.js';

/** What the body of an answer says: of ours it is a problem, or the code with a text after it. */
interface Told {
  readonly code?: ErrorCode | undefined;
  readonly detail?: string | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

function isCode(text: string | undefined): text is ErrorCode {
  return text !== undefined;
}

function toldBy(body: string): Told {
  if (body.startsWith('{')) {
    try {
      const problem: Told = JSON.parse(body);
      return problem;
    } catch {
      return {};
    }
  }
  const [, code, detail] = /^([A-Z_]+): (.*)/.exec(body) ?? [];
  return isCode(code) ? { code, detail } : {};
}

/** What its status alone says; the answer to a HEAD has no body. */
function codeOfUpload(status: number): ErrorCode {
  if (status === 410) return 'NOT_FOUND';
  if (status === 415) return 'UNSUPPORTED_MEDIA';
  // Another request still holds the upload, or the server has another number of bytes: the next attempt asks for it.
  if (status === 409 || status === 423) return 'UNAVAILABLE';
  return codeOf(status);
}

/** Why a request of an upload failed. */
export function failureOf(error: DetailedError): ChatError {
  const { originalResponse: response, causingError } = error;
  if (causingError instanceof ChatError) return causingError;
  if (!response) return unreachable(error);
  const status = response.getStatus();
  // A body that could not be read, an answer without what tus needs: nothing that would not be otherwise the next time.
  if (status < 400) return unreachable(error);
  const told = toldBy(response.getBody() ?? '');
  const code = told.code ?? codeOfUpload(status);
  const seconds = Number(response.getHeader('Retry-After') ?? NaN);
  const retryAfterMs = told.retryAfterMs ?? (seconds > 0 ? seconds * 1000 : undefined);
  return new ChatError(
    {
      code,
      message: told.detail ?? `The server answered ${status} to an upload`,
      retryable: status >= 500 || status === 429 || status === 408 || code === 'UNAVAILABLE',
      retryAfterMs,
      requestId: told.requestId,
    },
    { cause: error },
  );
}
