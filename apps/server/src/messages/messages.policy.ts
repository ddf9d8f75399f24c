import type { Limits } from '@natter/protocol';
import { NatterError } from '../errors/natter-error.js';

/** Why an append refused a message. */
export type Refusal = 'notMember' | 'forbidden' | 'conflict';

/** @throws {NatterError} `TOO_LARGE` where the text is over the configured limit. */
export function requireTextWithin(limits: Limits, text: string): void {
  if (Buffer.byteLength(text) > limits.textBytes) {
    throw new NatterError('TOO_LARGE', `A text has at most ${limits.textBytes} bytes`);
  }
}

/**
 * Who may send is judged by the append itself, under the lock of the chat, because only there nothing is sent after a
 * removal. This is what its judgement means to the sender.
 */
export function refusalOf(refusal: Refusal): NatterError {
  switch (refusal) {
    case 'notMember':
      return new NatterError('NOT_FOUND');
    case 'forbidden':
      return new NatterError('FORBIDDEN', 'Only admins send messages in this group');
    case 'conflict':
      return new NatterError('CONFLICT', 'This clientMessageId was used for other content');
  }
}
