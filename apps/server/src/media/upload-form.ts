import { Readable } from 'node:stream';
import { UploadFields } from '@natter/protocol';
import type { FastifyRequest } from 'fastify';
import { invalid, NatterError } from '../errors/natter-error.js';
import { validate } from '../errors/validation.js';

/** What a form may hold beside the bytes of its file. */
const FORM_LIMITS = {
  files: 1,
  fields: 16,
  fieldNameSize: 64,
  fieldSize: 32 * 1024,
  headerPairs: 16,
};
/** What the parser says of a part whose sender says nothing. */
const UNSAID = 'text/plain';
/** More than what a form of that kind has around its file. */
const FORM_BYTES = 1024 * 1024;

/** A form whose file has gone to where `take` brought it. */
export interface UploadForm<T> {
  readonly fields: UploadFields;
  readonly fileName: string | undefined;
  /** As its sender says, if he does. */
  readonly mimeType: string | undefined;
  readonly file: T;
}

/**
 * Reads a form of text fields and one file, named `file`, which is handed to `take` as it comes. Nothing of it is held.
 *
 * @throws {NatterError} `TOO_LARGE` where the file has more than `mediaBytes`, `UNSUPPORTED_MEDIA` where the body is no
 *   form, `INVALID` where the form is broken or cut, and what `take` throws.
 */
export async function readUploadForm<T>(
  request: FastifyRequest,
  mediaBytes: number,
  take: (content: AsyncIterable<Buffer>) => Promise<T>,
): Promise<UploadForm<T>> {
  if (!request.isMultipart()) throw new NatterError('UNSUPPORTED_MEDIA');
  // Before anything is read: what is too large for sure is not even taken in.
  if (Number(request.headers['content-length'] ?? 0) > mediaBytes + FORM_BYTES) {
    throw tooLarge(mediaBytes);
  }
  // The parser would wait for its end for ever.
  if (request.raw.destroyed) throw new NatterError('INVALID', 'The request was cut');
  const given: Record<string, unknown> = {};
  let form: Omit<UploadForm<T>, 'fields'> | undefined;
  try {
    const limits = { ...FORM_LIMITS, fileSize: mediaBytes };
    for await (const part of request.parts({ limits })) {
      if (part.type === 'field') {
        given[part.fieldname] = part.value;
        continue;
      }
      const { fieldname, filename, mimetype: mimeType, file: content } = part;
      if (fieldname !== 'file') throw invalid(fieldname, 'must be named file');
      const file = await take(withinLimit(content, () => content.truncated, mediaBytes));
      form = { fileName: filename, mimeType: mimeType === UNSAID ? undefined : mimeType, file };
    }
  } catch (error) {
    // What is still on its way would hold back the next request of its connection.
    request.raw.unpipe().resume();
    throw toFormError(error, mediaBytes);
  }
  if (!form) throw invalid('file', 'is missing');
  return { ...form, fields: validate(UploadFields, given) };
}

async function* withinLimit(
  content: Readable,
  isTruncated: () => boolean,
  mediaBytes: number,
): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    if (isTruncated()) throw tooLarge(mediaBytes);
    if (Buffer.isBuffer(chunk)) yield chunk;
  }
  if (isTruncated()) throw tooLarge(mediaBytes);
}

function tooLarge(mediaBytes: number): NatterError {
  return new NatterError('TOO_LARGE', `A file has at most ${mediaBytes} bytes`);
}

/** The parser's own errors say what is wrong with the form; those of our disk are ours. */
function toFormError(error: unknown, mediaBytes: number): unknown {
  if (error instanceof NatterError || !(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge(mediaBytes);
  if (code.startsWith('FST_') && code.endsWith('_LIMIT'))
    return new NatterError('TOO_LARGE', error.message);
  if ('syscall' in error) return new NatterError('UNAVAILABLE', undefined, { cause: error });
  return new NatterError('INVALID', 'The form could not be read', { cause: error });
}
