import type { ChatClient, ChatHandle, EventName } from '@natter/client';
import * as z from 'zod/mini';
import { bodyHashOf, type LiveLine } from '../ledger/ledger-line.js';
import type { JsonLines } from './json-lines.js';
import { whenever } from './patience.js';
import { now } from './times.js';

/** What the entries of a chat come as. */
const ENTRIES: readonly EventName[] = [
  'newMessage',
  'newEncryptedMessage',
  'newMediaMessage',
  'messageEdited',
  'messageDeleted',
  'reactionChanged',
  'messagePinned',
  'messageUnpinned',
  'entrySkipped',
];

/** What is written down of an entry. */
const Entry = z.object({
  chatId: z.string(),
  seq: z.int(),
  toSeq: z.optional(z.int()),
  id: z.optional(z.string()),
  text: z.optional(z.string()),
});

/** A device that listens to a room and writes down every entry that takes effect in it, in that order. */
export class Listener {
  /** Whatever is written goes through here, one after the other. */
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: ChatClient,
    private readonly chat: ChatHandle,
    private readonly file: JsonLines<LiveLine>,
    private readonly warn: (warning: string) => void,
  ) {
    for (const event of ENTRIES) client.on(event, (payload) => this.write(event, payload));
  }

  /** Resolves with whether the entry `seq` came, after waiting for it no longer than `waitMs`. */
  whenReceived(seq: number, waitMs: number): Promise<boolean> {
    return whenever(this.chat, (chat) => (chat?.lastSeq ?? 0) >= seq, waitMs);
  }

  /** Resolves once everything received so far is written down. */
  written(): Promise<void> {
    return this.queue;
  }

  private write(event: EventName, payload: unknown): void {
    const { id, text, ...place } = z.parse(Entry, payload);
    const line: LiveLine = {
      // While the client is not live, it reads what it missed.
      source: this.client.state.status === 'live' ? 'live' : 'log',
      event,
      ...place,
      ...(id !== undefined && { messageId: id }),
      ...(text !== undefined && { bodyHash: bodyHashOf(text) }),
      ...now(),
    };
    this.queue = this.queue
      .then(() => this.file.append(line))
      .catch((error: unknown) => {
        this.warn(`The listener of ${this.chat.id} could not write: ${String(error)}`);
      });
  }
}
