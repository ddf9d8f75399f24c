import type { Limits } from '@natter/protocol';
import { NatterError } from '../errors/natter-error.js';

/** @throws {NatterError} `TOO_LARGE` where a group would have more members than the configured limit. */
export function requireRoom({ groupMembers }: Limits, members: number): void {
  if (members > groupMembers) {
    throw new NatterError('TOO_LARGE', `A group has at most ${groupMembers} members`);
  }
}
