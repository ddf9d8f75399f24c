import { ChatId, type ExportLine, type History, type MediaId, Seq } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { ChatsService } from '../chats/chats.service.js';
import { Cursors } from '../cursors/cursors.js';
import { DevicesService } from '../devices/devices.service.js';
import { NatterError } from '../errors/natter-error.js';
import { Authenticator } from '../identity/authenticator.js';
import type { Caller } from '../identity/caller.js';
import { MediaService } from '../media/media.service.js';
import { MessagesService } from '../messages/messages.service.js';
import { BlocksService } from '../users/blocks.service.js';
import { UsersService } from '../users/users.service.js';

const CHATS_PAGE = 50;
const MESSAGES_PAGE = 500;
const BLOCKS_PAGE = 100;
const MEDIA_PAGE = 500;

/** The short lists, in the order in which they come; the chats come behind them. */
const SECTIONS = ['profile', 'devices', 'blocks', 'media'] as const;

/**
 * Behind which line an export stands. Of the short lists, behind how many lines; of a chat, behind its message with this
 * `seq`, 0 for the chat itself.
 */
const Position = z.discriminatedUnion('section', [
  z.object({ section: z.enum(SECTIONS), lines: z.int() }),
  z.object({ section: z.literal('chats'), chatId: ChatId, seq: Seq }),
]);
type Position = z.output<typeof Position>;

type WithoutCursor<T> = T extends { cursor: string } ? Omit<T, 'cursor'> : never;

interface Line {
  readonly content: WithoutCursor<ExportLine>;
  /** Where the export stands behind it. */
  readonly position: Position;
}

/** Everything that a user can see of his own account. */
@Injectable()
export class ExportService {
  /** Who is being sent an export from this node. */
  private readonly running = new Set<Caller['userId']>();

  constructor(
    private readonly authenticator: Authenticator,
    private readonly users: UsersService,
    private readonly ownDevices: DevicesService,
    private readonly ownBlocks: BlocksService,
    private readonly ownMedia: MediaService,
    private readonly chats: ChatsService,
    private readonly messages: MessagesService,
    private readonly cursors: Cursors,
  ) {}

  /**
   * The lines of an export as JSON texts, read as they are taken. It ends where the session ends that it was begun with.
   *
   * @param cursor Of the last line that came; without it the export begins.
   * @throws {NatterError} `INVALID` for a cursor of another user, `RATE_LIMITED` while another export of his runs.
   */
  start(caller: Caller, cursor: string | undefined): AsyncGenerator<string> {
    const { userId } = caller;
    const after = this.cursors.of('export', userId, Position).open(cursor);
    if (this.running.has(userId)) {
      const wait = { retryAfterMs: 1000 };
      throw new NatterError('RATE_LIMITED', 'Another export of yours is on its way', wait);
    }
    return this.texts(caller, after);
  }

  private async *texts(caller: Caller, after: Position | undefined): AsyncGenerator<string> {
    const { userId } = caller;
    const cursors = this.cursors.of('export', userId, Position);
    this.running.add(userId);
    try {
      for await (const { content, position } of this.lines(caller, after)) {
        const cursor = cursors.seal(position);
        yield `${JSON.stringify({ ...content, cursor })}\n`;
      }
      yield `${JSON.stringify({ type: 'end' } satisfies ExportLine)}\n`;
    } finally {
      this.running.delete(userId);
    }
  }

  private async *lines(caller: Caller, after: Position | undefined): AsyncGenerator<Line> {
    if (after?.section === 'chats') {
      yield* this.ownChats(caller, after);
      return;
    }
    for (const section of SECTIONS.slice(after ? SECTIONS.indexOf(after.section) : 0)) {
      const done = section === after?.section ? after.lines : 0;
      let lines = 0;
      for await (const content of this[section](caller)) {
        lines += 1;
        if (lines > done) yield { content, position: { section, lines } };
      }
    }
    yield* this.ownChats(caller, undefined);
  }

  private async *profile(caller: Caller): AsyncGenerator<Line['content']> {
    yield { type: 'profile', user: await this.users.own(caller) };
  }

  private async *devices(caller: Caller): AsyncGenerator<Line['content']> {
    for (const device of await this.ownDevices.list(caller)) yield { type: 'device', device };
  }

  private async *blocks(caller: Caller): AsyncGenerator<Line['content']> {
    let cursor: string | undefined;
    do {
      const page = await this.ownBlocks.list(caller, { cursor, limit: BLOCKS_PAGE });
      for (const user of page.items) yield { type: 'block', user };
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }

  private async *media(caller: Caller): AsyncGenerator<Line['content']> {
    let last: MediaId | undefined;
    for (;;) {
      await this.authenticator.confirm(caller);
      const page = await this.ownMedia.own(caller, last, MEDIA_PAGE);
      for (const media of page) yield { type: 'media', media };
      if (page.length < MEDIA_PAGE) return;
      last = page.at(-1)?.id;
    }
  }

  private async *ownChats(
    caller: Caller,
    after: Extract<Position, { section: 'chats' }> | undefined,
  ): AsyncGenerator<Line> {
    if (after) yield* this.messagesOf(caller, after.chatId, after.seq);
    let last = after?.chatId;
    for (;;) {
      await this.authenticator.confirm(caller);
      const ids = await this.chats.ownIds(caller, last, CHATS_PAGE);
      const chats = await this.chats.readOwn(caller.userId, ids);
      for (const chatId of ids) {
        const chat = chats.get(chatId);
        if (!chat) continue;
        yield { content: { type: 'chat', chat }, position: { section: 'chats', chatId, seq: 0 } };
        yield* this.messagesOf(caller, chatId, 0);
      }
      if (ids.length < CHATS_PAGE) return;
      last = ids.at(-1);
    }
  }

  private async *messagesOf(caller: Caller, chatId: ChatId, after: number): AsyncGenerator<Line> {
    let seq = after;
    for (let hasMore = true; hasMore;) {
      await this.authenticator.confirm(caller);
      const page = await this.historyUnlessLeft(caller, chatId, seq);
      for (const message of page?.items ?? []) {
        seq = message.seq;
        yield {
          content: { type: 'message', message },
          position: { section: 'chats', chatId, seq },
        };
      }
      hasMore = page?.hasMoreAfter ?? false;
    }
  }

  /** Of a chat that he leaves meanwhile the rest is not his to see. */
  private async historyUnlessLeft(
    caller: Caller,
    chatId: ChatId,
    after: number,
  ): Promise<History | undefined> {
    try {
      return await this.messages.history(caller, chatId, { after, limit: MESSAGES_PAGE });
    } catch (error) {
      if (error instanceof NatterError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }
}
