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
  | 'export'
  | 'members'
  | 'pins'
  | 'reactions'
  | 'search'
  | 'stars'
  | 'sync'
  | 'users';

/** Makes and reads opaque cursors, sealed for one user and one list. */
@Injectable()
export class Cursors {
  constructor(private readonly installation: Installation) {}

  seal(kind: CursorKind, userId: UserId, position: unknown): string {
    const content = Buffer.from(JSON.stringify(position));
    return Buffer.concat([this.sealOf(kind, userId, content), content]).toString('base64url');
  }

  /** @throws {NatterError} `INVALID` where the cursor is edited, another user's, or of another list. */
  open<T extends z.core.$ZodType>(
    kind: CursorKind,
    userId: UserId,
    schema: T,
    cursor: string,
  ): z.output<T> {
    const bytes = Buffer.from(cursor, 'base64url');
    const content = bytes.subarray(SEAL_BYTES);
    const seal = this.sealOf(kind, userId, content);
    if (bytes.length <= SEAL_BYTES || !timingSafeEqual(bytes.subarray(0, SEAL_BYTES), seal)) {
      throw invalid('cursor', 'is not a cursor of this list');
    }
    const position = z.safeParse(schema, JSON.parse(content.toString()));
    // A cursor of ours that does not fit is one of an older version.
    if (!position.success) throw invalid('cursor', 'is no longer valid');
    return position.data;
  }

  private sealOf(kind: CursorKind, userId: UserId, content: Buffer): Buffer {
    return createHmac('sha256', this.installation.secret)
      .update(`cursor:${kind}:${userId}:`)
      .update(content)
      .digest()
      .subarray(0, SEAL_BYTES);
  }
}
