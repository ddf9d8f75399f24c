import { Readable } from 'node:stream';
import { create as contentDisposition } from 'content-disposition';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NatterError } from '../errors/natter-error.js';
import { namesTag, requestedBytes } from './byte-range.js';
import type { ByteRange } from './storage/media-storage.js';

/** Bytes that are to be answered, whoever asks for them having been let through. */
export interface AnsweredFile {
  readonly size: number;
  readonly mimeType: string;
  /** Names this content for good; a strong tag of HTTP without its quotes. */
  readonly tag: string;
  readonly fileName: string;
  /** Whether a browser may show it; anything else it is told to save. */
  readonly inline: boolean;
  /** How long whoever asked may use it without asking again. */
  readonly cacheControl: string;
  open(range: ByteRange | undefined): Promise<Readable | undefined>;
}

/** Nothing in a file is run, framed or sends anything anywhere, whatever it is (T62). */
const POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

/**
 * Answers a file or a range of it, `HEAD` and conditional requests included (RFC 9110).
 *
 * @returns The bytes that are on their way, where any are.
 * @throws {NatterError} `NOT_FOUND` where the bytes are not there.
 */
export async function answerFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: AnsweredFile,
): Promise<ByteRange | undefined> {
  const { size } = file;
  const tag = `"${file.tag}"`;
  const { range, 'if-range': ifRange, 'if-none-match': ifNoneMatch } = request.headers;
  if (namesTag(ifNoneMatch, tag)) {
    await describe(reply, file).status(304).send();
    return undefined;
  }
  const isCurrent = ifRange === undefined || ifRange === tag;
  const wanted = requestedBytes(isCurrent ? range : undefined, size);
  if (wanted === 'unsatisfiable') {
    const answer = describe(reply, file).status(416).header('content-range', `bytes */${size}`);
    await answer.send();
    return undefined;
  }
  const isHead = request.method === 'HEAD';
  const content = isHead
    ? Readable.from([])
    : await file.open(wanted === 'all' ? undefined : wanted);
  if (!content) throw new NatterError('NOT_FOUND');
  const part = wanted === 'all' ? { start: 0, end: size - 1 } : wanted;
  const answer = describe(reply, file).headers({
    'content-type': file.inline ? file.mimeType : 'application/octet-stream',
    'content-disposition': contentDisposition(file.fileName, {
      type: file.inline ? 'inline' : 'attachment',
    }),
    'content-length': part.end - part.start + 1,
  });
  if (wanted === 'all') answer.status(200);
  else answer.status(206).header('content-range', `bytes ${part.start}-${part.end}/${size}`);
  void answer.send(content);
  return isHead ? undefined : part;
}

function describe(reply: FastifyReply, { tag, cacheControl }: AnsweredFile): FastifyReply {
  return reply.headers({
    etag: `"${tag}"`,
    'cache-control': cacheControl,
    'accept-ranges': 'bytes',
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    // Pages of other origins show it by a signed link or an avatar's address, which is what lets them in.
    'cross-origin-resource-policy': 'cross-origin',
  });
}
