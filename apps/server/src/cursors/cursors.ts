import { createHmac, timingSafeEqual } from 'node:crypto';
import type { UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { Installation } from '../database/installation.js';
import { invalid } from '../errors/natter-error.js';

const SEAL_BYTES = 12;

/** Which list a cursor belongs to: a cursor of one never opens as that of another. */
export type CursorKind =
  | 'blocks'
  | 'chats'
  | 'downloads'
  | 'export'
  | 'members'
  | 'pins'
  | 'reactions'
  | 'search'
  | 'stars'
  | 'sync'
  | 'users';

/** What tells lists of one kind from each other, such as the chat or the query. It is not in the cursor. */
type Scope = readonly (string | undefined)[];

/** Makes and reads opaque cursors, sealed for one user and one list. */
@Injectable()
export class Cursors {
  constructor(private readonly installation: Installation) {}

  /** The cursors of one user's list, each of which holds such a position in it. */
  of<T extends z.core.$ZodType>(
    kind: CursorKind,
    userId: UserId,
    position: T,
    ...scope: Scope
  ): ListCursors<T> {
    // What begins with a list as JSON is read in one way only.
    const name = `cursor:${kind}:${userId}:${scope.length > 0 ? JSON.stringify(scope) : ''}`;
    return new ListCursors(position, (content) =>
      createHmac('sha256', this.installation.secret)
        .update(name)
        .update(content)
        .digest()
        .subarray(0, SEAL_BYTES),
    );
  }
}

export class ListCursors<T extends z.core.$ZodType> {
  constructor(
    private readonly position: T,
    private readonly sealOf: (content: Buffer) => Buffer,
  ) {}

  seal(position: z.output<T>): string {
    const content = Buffer.from(JSON.stringify(position));
    return Buffer.concat([this.sealOf(content), content]).toString('base64url');
  }

  /** @throws {NatterError} `INVALID` where the cursor is edited, another user's, or of another list. */
  open(cursor: string): z.output<T>;
  open(cursor: string | undefined): z.output<T> | undefined;
  open(cursor: string | undefined): z.output<T> | undefined {
    if (cursor === undefined) return undefined;
    const bytes = Buffer.from(cursor, 'base64url');
    const content = bytes.subarray(SEAL_BYTES);
    const seal = this.sealOf(content);
    if (bytes.length <= SEAL_BYTES || !timingSafeEqual(bytes.subarray(0, SEAL_BYTES), seal)) {
      throw invalid('cursor', 'is not a cursor of this list');
    }
    const position = z.safeParse(this.position, JSON.parse(content.toString()));
    // A cursor of ours that does not fit is one of an older version.
    if (!position.success) throw invalid('cursor', 'is no longer valid');
    return position.data;
  }

  /** What a cursor holds, whoever sealed it; nothing where it is none. Anybody can make one: it gives no right to anything. */
  peek(cursor: string): z.output<T> | undefined {
    try {
      const content = Buffer.from(cursor, 'base64url').subarray(SEAL_BYTES);
      return z.safeParse(this.position, JSON.parse(content.toString())).data;
    } catch {
      return undefined;
    }
  }

  /**
   * One page, with the cursor of the next where there is one.
   *
   * @param rows One more than `limit`, where there are so many.
   */
  page<R>(
    rows: readonly R[],
    limit: number,
    positionOf: (last: R) => z.output<T>,
  ): { shown: R[]; next: { nextCursor?: string } } {
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const next = last && rows.length > limit ? { nextCursor: this.seal(positionOf(last)) } : {};
    return { shown, next };
  }
}
