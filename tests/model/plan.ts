import type { CommandName, ErrorCode, RouteName } from '@natter/protocol';
import type { Step } from './step.js';
import type { View } from './views.js';
import { type Chat, type Message, messagesOf, otherOf, type World } from './world.js';

export type Door = 'socket' | 'http';

/** What must be answered. Where the rules leave open which of several failures it is, any of `codes`. */
export type Outcome =
  | { readonly answer: View | undefined }
  | { readonly codes: readonly ErrorCode[] };

export interface Request {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
}

/** A command by either door, in names instead of ids, and what must come of it. */
export interface Plan {
  readonly socket?: readonly [CommandName, View];
  readonly http?: readonly [RouteName, Request];
  /** HTTP answers nothing where the socket answers a number. */
  readonly isQuiet?: boolean;
  /** HTTP answers something else than the socket. */
  readonly httpAnswer?: View;
  readonly outcome: Outcome;
  /** The name that the id in the answer gets. */
  readonly names?: { readonly field: 'id' | 'inviteCode'; readonly name: string };
}

/** Who does something, and the numbers that decide to what. */
export interface Context {
  readonly world: World;
  readonly step: Step;
  readonly actor: string;
  readonly device: string;
  readonly door: Door;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Whether the id of what has this name was ever seen. */
  readonly knows: (name: string) => boolean;
}

/** Carries a command out on the model; `undefined` where there is nothing to do it to. */
export type Rule = (context: Context) => Plan | undefined;

export const fails = (...codes: ErrorCode[]): Outcome => ({ codes });
export const answers = (answer: View = {}): Outcome => ({ answer });

export function pick<T>(items: readonly T[], number: number): T | undefined {
  return items.length === 0 ? undefined : items[number % items.length];
}

/**
 * Mostly the oldest chat of the actor or his oldest direct chat with somebody else, so that much happens to the same
 * messages; else another of his, sometimes one of which he is no member.
 */
export function pickChat({ world, actor }: Context, number: number): Chat | undefined {
  const own = world.chatsOf(actor);
  const chats = number % 8 === 0 || own.length === 0 ? world.chats : own;
  if (number % 8 < 4) return pick(chats, Math.floor(number / 8));
  const direct = own.find((chat) => otherOf(chat, actor) !== undefined);
  return number % 8 > 5 && direct ? direct : chats[0];
}

const RECENT = 8;

/** One of the newest messages of a chat, mostly none that tells who came and went. */
export function pickMessageIn({ knows }: Context, chat: Chat, number: number): Message | undefined {
  const known = messagesOf(chat).filter(({ name }) => knows(name));
  const written = known.filter(({ kind }) => kind !== 'system');
  const messages = number % 10 === 0 || written.length === 0 ? known : written;
  return messages.at(-1 - (Math.floor(number / 10) % Math.min(messages.length, RECENT)));
}

export function pickMessage(context: Context): Message | undefined {
  const chat = pickChat(context, context.a);
  return chat && pickMessageIn(context, chat, context.b);
}

export function pickUser({ world }: Context, number: number): string {
  return pick([...world.users.keys()], number) ?? '';
}
