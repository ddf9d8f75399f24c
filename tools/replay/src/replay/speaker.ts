import { setTimeout as delay } from 'node:timers/promises';
import {
  type ChatClient,
  ChatError,
  type Connect,
  connectByWebSocket,
  createChatClient,
} from '@natter/client';
import * as z from 'zod/mini';
import { bodyHashOf, type LedgerLine } from '../ledger/ledger-line.js';
import type { JsonLines } from './json-lines.js';
import { PATIENCE_MS } from './patience.js';
import { now } from './times.js';

/** A line of the source on its way into its chat. */
export interface Delivery {
  readonly room: string;
  readonly chatId: string;
  readonly line: number;
  readonly text: string;
}

/** How a delivery ended; `unknown` only where it was given up. */
export type Outcome = { type: 'ok'; seq: number } | { type: 'fail' } | { type: 'unknown' };

type Call = Omit<Extract<LedgerLine, { type: 'invoke' }>, 'type' | 'at' | 'monotonicMs'>;

const Send = z.object({ clientMessageId: z.string() });
const Answer = z.object({
  message: z.object({ id: z.string(), seq: z.int() }),
  duplicate: z.optional(z.boolean()),
});

/**
 * One person who speaks, with a client of his own, and the ledger of every attempt that the client makes. What is tried
 * again, and when, is the client's business.
 */
export class Speaker {
  readonly client: ChatClient;
  private readonly calls = new Map<string, Call>();
  /** Nothing that is sent after it could be judged. */
  private failure: Error | undefined;

  constructor(
    url: string,
    private readonly name: string,
    private readonly ledger: JsonLines<LedgerLine>,
  ) {
    this.client = createChatClient({ url, connect: this.connect });
    // What is refused stays refused: the room goes on without it.
    this.client.on('operationFailed', ({ id }) => this.client.outbox.discard(id));
  }

  /** Sends a line; resolves when the server has taken or refused it. @throws where the ledger cannot be written. */
  async deliver({ text, ...delivery }: Delivery): Promise<Outcome> {
    const { key, sent } = this.client.chats.open(delivery.chatId).send(text);
    const call = { client: this.name, ...delivery, clientMessageId: key, attempt: 0 };
    this.calls.set(key, { ...call, bodyHash: bodyHashOf(text) });
    const waiting = new AbortController();
    const outcome = sent.then(
      async ({ id, seq }): Promise<Outcome> => {
        // An attempt without an answer had got through: the client was told by the chat's stream.
        await this.conclude(key, { messageId: id, seq, duplicate: true });
        return { type: 'ok', seq };
      },
      (): Outcome => ({ type: 'fail' }),
    );
    const givenUp = delay(PATIENCE_MS, { type: 'unknown' } as const, waiting).catch(
      (): Outcome => ({ type: 'unknown' }),
    );
    const ended = await Promise.race([outcome, givenUp]);
    waiting.abort();
    if (this.failure) throw this.failure;
    return ended;
  }

  /** A connection of the client, on which each send leaves a line before it and one after its answer. */
  private readonly connect: Connect = async (url, token, events) => {
    const connection = await connectByWebSocket(url, token, events);
    return {
      tell: (name, input) => connection.tell(name, input),
      close: () => connection.close(),
      command: async (name, input) => {
        const send = z.safeParse(Send, input);
        const call = send.success ? this.calls.get(send.data.clientMessageId) : undefined;
        if (!call) return connection.command(name, input);
        const attempt = { ...call, attempt: call.attempt + 1 };
        this.calls.set(call.clientMessageId, attempt);
        await this.write({ type: 'invoke', ...attempt, ...now() });
        try {
          const output = await connection.command(name, input);
          const { message, duplicate = false } = z.parse(Answer, output);
          await this.conclude(call.clientMessageId, {
            messageId: message.id,
            seq: message.seq,
            duplicate,
          });
          return output;
        } catch (thrown) {
          await this.write({ ...failureOf(thrown), ...attempt, ...now() });
          throw thrown;
        }
      },
    };
  };

  private async conclude(
    key: string,
    answer: { messageId: string; seq: number; duplicate: boolean },
  ): Promise<void> {
    const call = this.calls.get(key);
    if (!call) return;
    this.calls.delete(key);
    await this.write({ type: 'ok', ...answer, ...call, ...now() });
  }

  private async write(line: LedgerLine): Promise<void> {
    try {
      await this.ledger.append(line);
    } catch (cause) {
      this.failure = new Error(`Unable to write the ledger of ${this.name}`, { cause });
      throw this.failure;
    }
  }
}

function failureOf(thrown: unknown) {
  const { code, message, retryable } =
    thrown instanceof ChatError
      ? thrown
      : { code: 'INTERNAL', message: String(thrown), retryable: true };
  // After a failure that may pass the same send is tried again, and the first may have got through all the same.
  return retryable
    ? { type: 'unknown' as const, reason: `${code}: ${message}` }
    : { type: 'fail' as const, code, message };
}
