import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Message } from '@natter/protocol';
import { sendRequest, type TestUser, uploadForm } from '@natter/testing';
import sharp from 'sharp';

/** A file in a message that the server has acknowledged. */
export interface SentFile {
  readonly messageId: string;
  readonly mediaId: string;
  /** Of the bytes that were uploaded; absent where others get a picture that was made anew. */
  readonly sha256: string | undefined;
}

/** What happened to a sender's files, for the report. */
export interface SenderCounts {
  forms: number;
  resumable: number;
  /** Uploads by tus that went on after their server was gone. */
  resumed: number;
  abandoned: number;
  deleted: number;
  /** Requests that ended without an answer, or with one that says to try again. */
  interrupted: number;
}

export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

const PICTURE_EDGE = 300;
const RETRY_MS = 20;

const pause = () =>
  new Promise((resolve) => {
    setTimeout(resolve, RETRY_MS);
  });

async function noisyPicture(): Promise<Uint8Array<ArrayBuffer>> {
  const raw = { width: PICTURE_EDGE, height: PICTURE_EDGE, channels: 3 } as const;
  const pixels = randomBytes(PICTURE_EDGE * PICTURE_EDGE * 3);
  return new Uint8Array(await sharp(pixels, { raw }).png({ compressionLevel: 1 }).toBuffer());
}

/**
 * Uploads, sends and deletes one file after the other, by forms and by tus in parts; what was not answered it asks again,
 * for ever.
 */
export class FileSender {
  /** What is to be there. */
  readonly sent = new Map<string, SentFile>();
  readonly deleted: SentFile[] = [];
  readonly counts: SenderCounts = {
    forms: 0,
    resumable: 0,
    resumed: 0,
    abandoned: 0,
    deleted: 0,
    interrupted: 0,
  };
  /** Requests that were answered. */
  steps = 0;
  private stopped = false;

  constructor(
    private readonly user: TestUser,
    private readonly chatId: string,
  ) {}

  /** Runs until `stop`, and then to the end of the file under way. */
  async run(): Promise<void> {
    while (!this.stopped) {
      const isPicture = randomInt(3) === 0;
      const content = isPicture
        ? await noisyPicture()
        : new Uint8Array(randomBytes(randomInt(1, 700_000)));
      const mediaId = await (randomInt(2) === 0 ? this.byForm(content) : this.byTus(content));
      if (mediaId === undefined) continue;
      const { id } = await this.send(mediaId);
      const file = {
        messageId: id,
        mediaId,
        sha256: isPicture ? undefined : sha256(content),
      };
      if (randomInt(3) === 0) await this.delete(file);
      else this.sent.set(id, file);
    }
  }

  stop(): void {
    this.stopped = true;
  }

  private async byForm(content: Uint8Array<ArrayBuffer>): Promise<string> {
    this.counts.forms += 1;
    const form = () => uploadForm(content, { name: 'file' });
    const { token, url } = this.user;
    const { body } = await this.persist([201], () =>
      sendRequest(url, 'uploadMedia', { token, form: form() }),
    );
    return (body as { id: string }).id;
  }

  /** @returns `undefined` for one that it begins and leaves. */
  private async byTus(content: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
    this.counts.resumable += 1;
    const created = await this.persist([201], () =>
      this.tus('POST', '', { 'upload-length': String(content.length) }),
    );
    const id = created.headers.get('location')?.split('/').at(-1) ?? '';
    const isLeft = randomInt(6) === 0;
    let offset = 0;
    while (offset < content.length) {
      if (isLeft && offset > 0) {
        this.counts.abandoned += 1;
        return undefined;
      }
      offset = await this.bringPart(id, content, offset);
    }
    return id;
  }

  /** Resolves with how much is there then, by the answer or, where none came, by asking. */
  private async bringPart(
    id: string,
    content: Uint8Array<ArrayBuffer>,
    offset: number,
  ): Promise<number> {
    const end = Math.min(content.length, offset + randomInt(1, 300_000));
    const headers = {
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
    };
    const before = this.counts.interrupted;
    const answer = await this.once(() =>
      this.tus('PATCH', `/${id}`, headers, content.subarray(offset, end)),
    );
    if (answer?.status === 204) return Number(answer.headers.get('upload-offset'));
    if (answer) throw new Error(`A part was refused with ${answer.status}`);
    if (this.counts.interrupted > before) this.counts.resumed += 1;
    const head = await this.persist([200], () => this.tus('HEAD', `/${id}`));
    return Number(head.headers.get('upload-offset'));
  }

  private async send(mediaId: string): Promise<Message> {
    const { token, url } = this.user;
    const body = { kind: 'media', clientMessageId: randomUUID(), mediaIds: [mediaId] };
    const answer = await this.persist([200, 201], () =>
      sendRequest(url, 'sendMessage', { token, params: { id: this.chatId }, body }),
    );
    return (answer.body as { message: Message }).message;
  }

  private async delete(file: SentFile): Promise<void> {
    const { token, url } = this.user;
    await this.persist([204], () =>
      sendRequest(url, 'deleteMessage', {
        token,
        params: { id: file.messageId },
        query: { scope: 'everyone' },
      }),
    );
    this.counts.deleted += 1;
    this.deleted.push(file);
  }

  private async tus(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: Uint8Array<ArrayBuffer>,
  ): Promise<Response> {
    const response = await fetch(`${this.user.url}/v1/uploads${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.user.token}`,
        'tus-resumable': '1.0.0',
        ...headers,
      },
      ...(body && { body }),
    });
    await response.arrayBuffer();
    return response;
  }

  private async persist<T extends { readonly status: number }>(
    expected: readonly number[],
    ask: () => Promise<T>,
  ): Promise<T> {
    for (;;) {
      const answer = await this.once(ask);
      if (answer && expected.includes(answer.status)) return answer;
      if (answer) {
        const body = JSON.stringify('body' in answer ? answer.body : undefined);
        throw new Error(`A request was refused with ${answer.status}: ${body}`);
      }
      await pause();
    }
  }

  /** @returns `undefined` where no answer came, or one that says to try again. */
  private async once<T extends { readonly status: number }>(
    ask: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      const answer = await ask();
      if (answer.status < 500 && answer.status !== 429 && answer.status !== 423) {
        this.steps += 1;
        return answer;
      }
    } catch (error) {
      // What fetch says of a connection that is gone, or was never made.
      if (!(error instanceof TypeError) && !(error instanceof SyntaxError)) throw error;
    }
    this.counts.interrupted += 1;
    return undefined;
  }
}
