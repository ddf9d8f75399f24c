import {
  ChatId,
  type SearchHit,
  type SearchMessagesQuery,
  type SearchPage,
  Seq,
} from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import * as z from 'zod/mini';
import { ChatsPolicy } from '../chats/chats.policy.js';
import { Cursors } from '../cursors/cursors.js';
import { Database } from '../database/database.js';
import { isStatementTimeout } from '../database/statement-timeout.js';
import type { Caller } from '../identity/caller.js';
import { toMessage } from '../streams/message-row.js';
import { readMessages } from '../streams/message-view.js';
import { mapInTurns } from './in-turns.js';
import { SearchRun } from './search-run.js';
import {
  type Candidate,
  type HitPlace,
  type Scope,
  SearchRepository,
} from './search.repository.js';
import { snippetOf } from './snippets.js';
import { termsOf } from './tokens.js';

/** After this a search answers what it has. */
const TIME_MS = 1000;
/** Each holds a connection; others wait for their turn, so that the rest of the node keeps its connections. */
const SEARCHES_AT_ONCE = 4;

const Position = z.object({ at: z.string(), chatId: ChatId, seq: Seq });

/** As a date: PostgreSQL knows no year 0. */
function dateOf(moment: string | undefined): Date | undefined {
  return moment === undefined ? undefined : new Date(moment);
}

@Injectable()
export class SearchService {
  private readonly turns = pLimit(SEARCHES_AT_ONCE);

  constructor(
    private readonly database: Database,
    private readonly policy: ChatsPolicy,
    private readonly search: SearchRepository,
    private readonly cursors: Cursors,
  ) {}

  /**
   * The caller's messages that fit a query, the newest first. Its cost follows the number of his own chats, and how much
   * there is in them.
   *
   * @throws {NatterError} `NOT_FOUND` where he is not in the chat, `INVALID` for a cursor of another search.
   */
  async messages(caller: Caller, request: SearchMessagesQuery): Promise<SearchPage> {
    const { query, chatId, senderId, kind, limit } = request;
    if (chatId !== undefined) await this.policy.requireMember(caller, chatId);
    const what = [query, chatId, senderId, kind, request.since, request.until];
    const cursors = this.cursors.of('search', caller.userId, Position, ...what);
    const position = cursors.open(request.cursor);
    const after = position && { ...position, at: new Date(position.at) };
    const terms = termsOf(query);
    if (terms.length === 0) return { items: [] };
    const [since, until] = [request.since, request.until].map(dateOf);
    const scope: Scope = { reader: caller.userId, terms, chatId, senderId, kind, since, until };
    // One more than is shown says whether there is more.
    const run = await this.turns(() => this.run(scope, after, limit + 1));
    const next = run.continuation(limit);
    return {
      items: await this.read(scope, run.settled.slice(0, limit)),
      ...(next && {
        nextCursor: cursors.seal({ ...next, at: next.at.toISOString() }),
      }),
      ...(run.isPartial && { partial: true as const }),
    };
  }

  private async run(scope: Scope, after: HitPlace | undefined, wanted: number): Promise<SearchRun> {
    const run = new SearchRun(this.search, scope, after, wanted, performance.now() + TIME_MS);
    try {
      await this.search.inSnapshot(this.database, TIME_MS, (queries) => run.run(queries));
    } catch (error) {
      if (!isStatementTimeout(error)) throw error;
    }
    return run;
  }

  /** The hits as they are by now, without those that do not fit any more. */
  private async read(scope: Scope, hits: readonly Candidate[]): Promise<SearchHit[]> {
    const keys = hits.map((hit) => [hit.chat_id, hit.seq] as const);
    const rows = await readMessages(this.database, scope.reader, keys);
    const rowOf = new Map(rows.map((row) => [`${row.chat_id}:${row.seq}`, row]));
    const found = keys.flatMap(([chatId, seq]) => rowOf.get(`${chatId}:${seq}`) ?? []);
    const read = await mapInTurns(found, (row): SearchHit[] => {
      const snippet = row.text !== null && snippetOf(row.text, scope.terms);
      return snippet ? [{ message: toMessage(row), chatId: row.chat_id, snippet }] : [];
    });
    return read.flat();
  }
}
