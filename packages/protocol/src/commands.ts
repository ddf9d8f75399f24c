import type * as z from 'zod/mini';
import { JoinChatInput, JoinChatOutput, LeaveChatInput, LeaveChatOutput } from './chats.js';
import type { ErrorCode } from './errors.js';
import { SendMessageInput, SendMessageOutput } from './messages.js';
import type { Policy } from './policies.js';
import { SyncInput, SyncOutput } from './sync.js';

export interface Command {
  readonly summary: string;
  readonly policy: Policy;
  readonly input: z.ZodMiniType;
  readonly output: z.ZodMiniType;
  /** Beside `commonErrors`. */
  readonly errors: readonly ErrorCode[];
}

/** Every command that a client may emit (protocol section 5). */
export const commands = {
  joinChat: {
    summary: 'Snapshot of a chat for its member; joins a public group first for anybody else.',
    policy: 'joiner',
    input: JoinChatInput,
    output: JoinChatOutput,
    errors: ['NOT_FOUND'],
  },
  leaveChat: {
    summary: 'Ends the membership in a group; a system message tells the rest.',
    policy: 'leaver',
    input: LeaveChatInput,
    output: LeaveChatOutput,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  },
  sendMessage: {
    summary: 'Sends a text. The same client id again returns the first message.',
    policy: 'sender',
    input: SendMessageInput,
    output: SendMessageOutput,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'CONFLICT'],
  },
  sync: {
    summary: 'Everything committed since a cursor, page by page.',
    policy: 'user',
    input: SyncInput,
    output: SyncOutput,
    errors: [],
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}
