import fc from 'fast-check';
import { block, unblock } from './block-rules.js';
import * as groups from './group-rules.js';
import * as chats from './chat-rules.js';
import * as messages from './message-rules.js';
import * as own from './own-rules.js';
import type { Rule } from './plan.js';
import * as sends from './send-rules.js';
import { setTimer } from './timer-rules.js';
import { type } from './typing-rules.js';

/** Commands that change what is stored. What each does to what, its numbers decide when it is its turn. */
export const rules = {
  sendMessage: sends.sendMessage,
  repeatSend: sends.repeatSend,
  forwardMessage: sends.forwardMessage,
  editMessage: messages.editMessage,
  deleteForEveryone: messages.deleteForEveryone,
  hideMessage: messages.hideMessage,
  react: messages.react,
  pin: messages.pin,
  star: messages.star,
  mark: messages.mark,
  setDraft: own.setDraft,
  clearChat: own.clearChat,
  setPreferences: own.setPreferences,
  setPrivacy: own.setPrivacy,
  createDirect: chats.createDirect,
  createGroup: chats.createGroup,
  addMembers: groups.addMembers,
  join: groups.join,
  leave: groups.leave,
  removeMember: groups.removeMember,
  changeRole: groups.changeRole,
  updateChat: groups.updateChat,
  deleteChat: groups.deleteChat,
  invite: groups.invite,
  type,
  setTimer,
  block,
  unblock,
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;

/** What a device does beside commands: its connection, its session, and what it reads; and what time does. */
type DeviceAction = 'connect' | 'disconnect' | 'revoke' | 'readPage' | 'readMessage' | 'expire';

export interface Action {
  readonly kind: RuleName | DeviceAction;
  readonly user: number;
  readonly device: number;
  readonly door: 'socket' | 'http';
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** How often each comes beside the others. */
const WEIGHTS: Readonly<Record<Action['kind'], number>> = {
  sendMessage: 20,
  repeatSend: 5,
  forwardMessage: 4,
  editMessage: 6,
  deleteForEveryone: 4,
  hideMessage: 7,
  react: 6,
  pin: 4,
  star: 4,
  mark: 16,
  setDraft: 4,
  clearChat: 3,
  setPreferences: 4,
  setPrivacy: 3,
  createDirect: 4,
  createGroup: 2,
  addMembers: 5,
  join: 5,
  leave: 3,
  removeMember: 3,
  changeRole: 5,
  updateChat: 4,
  deleteChat: 1,
  invite: 2,
  type: 8,
  setTimer: 4,
  expire: 6,
  block: 3,
  unblock: 3,
  connect: 6,
  disconnect: 4,
  revoke: 1,
  readPage: 3,
  readMessage: 3,
};

const COMMANDS = 40;

const kinds = Object.entries(WEIGHTS).map(([kind, weight]) => ({
  arbitrary: fc.constant(kind as Action['kind']),
  weight,
}));

const number = fc.nat({ max: 719 });
const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.oneof(...kinds),
  user: fc.nat({ max: 2 }),
  device: fc.nat({ max: 1 }),
  door: fc.constantFrom('socket', 'http'),
  a: number,
  b: number,
  c: number,
});

/** A whole run, which shrinks by leaving actions out. */
export const runs: fc.Arbitrary<(Action | null)[]> = fc.array(fc.option(action, { freq: 10_000 }), {
  minLength: COMMANDS,
  maxLength: COMMANDS,
});
