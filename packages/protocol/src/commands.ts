import * as z from 'zod/mini';
import {
  ClearChatInput,
  JoinChatInput,
  JoinChatOutput,
  LeaveChatInput,
  LeaveChatOutput,
  SetDraftInput,
} from './chats.js';
import type { ErrorCode } from './errors.js';
import {
  ChatSeqOutput,
  DeleteMessageInput,
  DeleteMessageOutput,
  EditMessageInput,
  ForwardMessageInput,
  ForwardMessageOutput,
  MessageChange,
  MessageReference,
  SendEncryptedMessageInput,
  SendMediaInput,
  SendMessageInput,
  SendMessageOutput,
  UserSeqOutput,
} from './messages.js';
import type { Policy } from './policies.js';
import { ReactionInput } from './reactions.js';
import { MarkInput } from './receipts.js';
import type { RateClass } from './rates.js';
import { SyncInput, SyncOutput } from './sync.js';
import { TypingInput, TypingOutput } from './typing.js';

export interface Command {
  readonly summary: string;
  readonly policy: Policy;
  /** What it counts as for the limits of its device and user. */
  readonly rate: RateClass;
  readonly input: z.ZodMiniType;
  readonly output: z.ZodMiniType;
  /** Beside `commonErrors`. */
  readonly errors: readonly ErrorCode[];
}

const typing = {
  policy: 'member',
  input: TypingInput,
  output: TypingOutput,
  errors: ['NOT_FOUND'],
  rate: 'ephemeral',
} as const;

/** Every command that a client may emit (docs/protocol.md, Commands). */
export const commands = {
  joinChat: {
    summary: 'Snapshot of a chat for its member; joins a public group first for anybody else.',
    policy: 'joiner',
    rate: 'read',
    input: JoinChatInput,
    output: JoinChatOutput,
    errors: ['NOT_FOUND'],
  },
  leaveChat: {
    summary: 'Ends the membership in a group; a system message tells the rest.',
    policy: 'leaver',
    rate: 'change',
    input: LeaveChatInput,
    output: LeaveChatOutput,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  },
  sendMessage: {
    summary: 'Sends a text. The same client id again returns the first message.',
    policy: 'sender',
    rate: 'send',
    input: SendMessageInput,
    output: SendMessageOutput,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'CONFLICT'],
  },
  sendEncryptedMessage: {
    summary: 'Sends a payload that the clients alone can read; otherwise as `sendMessage`.',
    policy: 'sender',
    rate: 'send',
    input: SendEncryptedMessageInput,
    output: SendMessageOutput,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'CONFLICT'],
  },
  sendMedia: {
    summary: 'Sends own uploads, in their order, with a caption; otherwise as `sendMessage`.',
    policy: 'sender',
    rate: 'send',
    input: SendMediaInput,
    output: SendMessageOutput,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'CONFLICT'],
  },
  editMessage: {
    summary: 'Gives a message other content; it keeps its place.',
    policy: 'author',
    rate: 'change',
    input: EditMessageInput,
    output: MessageChange,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  },
  deleteMessage: {
    summary: 'Deletes a message for everyone, or hides it for the caller alone.',
    policy: 'deleter',
    rate: 'change',
    input: DeleteMessageInput,
    output: DeleteMessageOutput,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  },
  forwardMessage: {
    summary: 'Sends the content of a message to other chats; to all of them or to none.',
    policy: 'member',
    rate: 'send',
    input: ForwardMessageInput,
    output: ForwardMessageOutput,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'CONFLICT'],
  },
  messageDelivered: {
    summary: 'Everything up to here has come to the caller.',
    policy: 'member',
    rate: 'receipt',
    input: MarkInput,
    output: z.object({}),
    errors: ['NOT_FOUND'],
  },
  messageSeen: {
    summary: 'The caller has seen everything up to here.',
    policy: 'member',
    rate: 'receipt',
    input: MarkInput,
    output: z.object({}),
    errors: ['NOT_FOUND'],
  },
  addReaction: {
    summary: 'Reacts to a message.',
    policy: 'member',
    rate: 'change',
    input: ReactionInput,
    output: MessageChange,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  },
  removeReaction: {
    summary: 'Takes a reaction back.',
    policy: 'member',
    rate: 'change',
    input: ReactionInput,
    output: MessageChange,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  },
  pinMessage: {
    summary: 'Pins a message for everybody.',
    policy: 'sender',
    rate: 'change',
    input: MessageReference,
    output: ChatSeqOutput,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  },
  unpinMessage: {
    summary: 'Ends that a message is pinned.',
    policy: 'sender',
    rate: 'change',
    input: MessageReference,
    output: ChatSeqOutput,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  },
  starMessage: {
    summary: 'Stars a message for the caller alone.',
    policy: 'member',
    rate: 'change',
    input: MessageReference,
    output: UserSeqOutput,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  },
  unstarMessage: {
    summary: 'Ends that the caller has starred a message.',
    policy: 'member',
    rate: 'change',
    input: MessageReference,
    output: UserSeqOutput,
    errors: ['NOT_FOUND'],
  },
  setDraft: {
    summary:
      'Keeps what the caller has begun to write, for all of his devices; without a text, ends that.',
    policy: 'member',
    rate: 'change',
    input: SetDraftInput,
    output: UserSeqOutput,
    errors: ['NOT_FOUND'],
  },
  clearChat: {
    summary: 'Hides everything up to an entry for the caller alone.',
    policy: 'member',
    rate: 'change',
    input: ClearChatInput,
    output: UserSeqOutput,
    errors: ['NOT_FOUND'],
  },
  sync: {
    summary: 'Everything committed since a cursor, page by page.',
    policy: 'user',
    rate: 'read',
    input: SyncInput,
    output: SyncOutput,
    errors: [],
  },
  typing: { summary: 'Tells the others in a chat that the user types.', ...typing },
  typing_start: { summary: 'The same as `typing`.', ...typing },
  stopTyping: { summary: 'Tells them that he does so no longer.', ...typing },
  typing_stop: { summary: 'The same as `stopTyping`.', ...typing },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}
