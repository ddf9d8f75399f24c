import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from '@natter/protocol';
import {
  bodyHashOf,
  type Delivery,
  type JsonLines,
  type LedgerLine,
  now,
  type Outcome,
} from '@natter/replay';
import * as z from 'zod/mini';
import type { Connection } from './connection.js';
import { PATIENCE_MS, pauseAfter } from './retries.js';

/** How long one answer is awaited before the same send is tried again. */
const ANSWER_MS = 10_000;

const Answer = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    data: z.object({
      message: z.object({ id: z.string(), seq: z.int() }),
      duplicate: z.optional(z.boolean()),
    }),
  }),
  z.object({ ok: z.literal(false), error: CommandError }),
]);
type Answer = z.output<typeof Answer>;

type Call = Omit<Extract<LedgerLine, { type: 'invoke' }>, 'type' | 'at' | 'monotonicMs'>;

/** One person who sends, and the ledger of what he sent and was told. */
export class LoadClient {
  constructor(
    private readonly name: string,
    private readonly connection: Connection,
    private readonly ledger: JsonLines<LedgerLine>,
  ) {}

  /** Sends a line until the server has taken or refused it, always under the same `clientMessageId`. */
  async deliver({ text, ...delivery }: Delivery): Promise<Outcome> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    const call = {
      client: this.name,
      ...delivery,
      clientMessageId: randomUUID(),
      bodyHash: bodyHashOf(text),
    };
    for (let attempt = 1; ; attempt += 1) {
      if (!(await this.connection.whenConnected(giveUpAt - performance.now())))
        return { type: 'unknown' };
      const { entry, retryAfterMs } = await this.attempt({ ...call, attempt }, text);
      if (entry.type === 'ok') return { type: 'ok', seq: entry.seq };
      if (entry.type === 'fail') return { type: 'fail' };
      if (performance.now() > giveUpAt) return { type: 'unknown' };
      await delay(pauseAfter(attempt, retryAfterMs));
    }
  }

  private async attempt(
    call: Call,
    text: string,
  ): Promise<{ entry: LedgerLine; retryAfterMs?: number | undefined }> {
    await this.ledger.append({ type: 'invoke', ...call, ...now() });
    const answer = await this.send(call, text);
    const entry: LedgerLine = { ...outcomeOf(answer), ...call, ...now() };
    await this.ledger.append(entry);
    return {
      entry,
      retryAfterMs: 'ok' in answer && !answer.ok ? answer.error.retryAfterMs : undefined,
    };
  }

  private async send(
    { chatId, clientMessageId }: Call,
    text: string,
  ): Promise<Answer | { silence: string }> {
    try {
      const answer: unknown = await this.connection.socket
        .timeout(ANSWER_MS)
        .emitWithAck('sendMessage', { chatId, clientMessageId, text });
      return z.parse(Answer, answer);
    } catch (error) {
      this.connection.renew();
      return { silence: error instanceof Error ? error.message : String(error) };
    }
  }
}

function outcomeOf(answer: Answer | { silence: string }) {
  if ('silence' in answer) return { type: 'unknown' as const, reason: answer.silence };
  if (answer.ok) {
    const { message, duplicate = false } = answer.data;
    return { type: 'ok' as const, seq: message.seq, messageId: message.id, duplicate };
  }
  const { code, message, retryable } = answer.error;
  // After a failure that may pass the same send is tried again, and the first may have got through all the same.
  return retryable
    ? { type: 'unknown' as const, reason: `${code}: ${message}` }
    : { type: 'fail' as const, code, message };
}
