import { createHash, randomBytes } from 'node:crypto';

const CODE_BYTES = 18;

/** A code that nobody guesses: 144 random bits. */
export function newInviteCode(): string {
  return randomBytes(CODE_BYTES).toString('base64url');
}

/** What is kept of a code, so that the database lets nobody in. */
export function hashOfInvite(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
