import { describe, expect, it } from 'vitest';
import {
  applyEvent,
  applyHistory,
  type ClientState,
  dropExpired,
  nextExpiry,
  type ServerEvent,
} from './core/index.js';
import { LoadedMessages } from './core/loaded-messages.js';
import type { StoredMessage } from './core/state.js';
import {
  ANNA,
  at,
  CHAT,
  chatAt,
  chatIn,
  ME,
  messageId,
  said,
  stateWith,
  text,
} from './core/testing/samples.js';
import { initialModel, type Model } from './engine/model.js';
import { OutboxPlaces, rowsBetween } from './store/rows.js';
import { patchBetween } from './tabs/model-patch.js';
import { Views } from './views/views.js';

const LOADED = 4000;
const CHUNK = 64;

const answerTo = (seq: number) => ({
  replyTo: { messageId: messageId(seq), senderId: ANNA, kind: 'text' as const, preview: '' },
});

const seenUpTo = (seq: number): ServerEvent => ({
  event: 'messageStatusUpdated',
  payload: { chatId: CHAT, updates: [{ userId: ANNA, status: 'seen', seq, at: at(1) }] },
});

/** A client whose timeline and list are on the screen, and which messages it looks at. */
class Watched {
  readonly looks = new Set<StoredMessage>();
  private readonly views = new Views({
    getSnapshot: () => this.model,
    subscribe: () => () => undefined,
  });
  private readonly places = new OutboxPlaces();
  private model: Model;

  /** @param seen Up to where Anna has seen all of it. */
  constructor(seen: number) {
    const items = Array.from({ length: LOADED }, (_, index) =>
      text(index + 1, index % 2 ? ANNA : ME, {
        ...(index % 10 === 9 && answerTo(index - 5)),
        ...(index % 3 === 0 && { expiresAt: at(LOADED + index) }),
      }),
    );
    const page = { items, hasMoreBefore: false };
    const state = applyHistory(stateWith(chatAt(LOADED)), CHAT, page);
    const chat = chatIn(state);
    const messages = LoadedMessages.of([...chat.messages].map((one) => this.watched(one)));
    const chats = new Map(state.chats).set(CHAT, { ...chat, messages });
    this.model = { ...initialModel, state: { ...state, userSeq: 0, chats } };
    this.show();
    // What is worked out of each chunk once is worked out by these.
    for (const seq of [seen - 1, seen]) this.take(seenUpTo(seq));
    this.looks.clear();
  }

  get state(): ClientState {
    if (!this.model.state) throw new Error('There is a state');
    return this.model.state;
  }

  /** All that a client does with an event, but for the network and the disk. @returns whether it had any effect. */
  take(event: ServerEvent): boolean {
    const before = this.model;
    const state = dropExpired(applyEvent(this.state, event), at(0));
    nextExpiry(state);
    this.model = { ...before, state };
    rowsBetween(ME, before, this.model, this.places);
    patchBetween(before, this.model);
    this.show();
    return state !== before.state;
  }

  private show(): void {
    this.views.timeline(CHAT, at(0));
    this.views.chats('all');
  }

  private watched(message: StoredMessage): StoredMessage {
    return new Proxy(message, {
      get: (target, property): unknown => {
        this.looks.add(target);
        return Reflect.get(target, property);
      },
    });
  }
}

const place = (of: number) => ({ chatId: CHAT, seq: LOADED + 1, messageId: messageId(of) });

/** What happens to the chat, or to one of its messages, and up to where it was seen before. */
const happenings: readonly [string, (of: number) => ServerEvent, seen?: (of: number) => number][] =
  [
    ['a new message', () => said(text(LOADED + 1, ANNA))],
    ['an answer', (of) => said(text(LOADED + 1, ANNA, answerTo(of)))],
    [
      'an edit',
      (of) => ({
        event: 'messageEdited',
        payload: { ...place(of), message: text(of, ANNA, { text: 'new' }) },
      }),
    ],
    [
      'a reaction',
      (of) => ({
        event: 'reactionChanged',
        payload: { ...place(of), userId: ANNA, emoji: '👍', added: true, reactions: [] },
      }),
    ],
    [
      'a deletion',
      (of) => ({
        event: 'messageDeleted',
        payload: { ...place(of), scope: 'everyone', deletedBy: ANNA, at: at(LOADED) },
      }),
    ],
    ['a hiding', (of) => ({ event: 'messageHidden', payload: { ...place(of), userSeq: 1 } })],
    ['a receipt', seenUpTo, (of) => of - 1],
  ];

describe.each(happenings)('%s', (_, eventOf, seen) => {
  it('looks at the messages of few chunks of all that are loaded', () => {
    for (const of of [4, LOADED / 2, LOADED - 1]) {
      const client = new Watched(seen?.(of) ?? LOADED);
      expect(client.take(eventOf(of))).toBe(true);
      // The first and the last of each chunk tell whether it is concerned.
      expect(client.looks.size).toBeLessThan(4 * CHUNK + 2 * (LOADED / CHUNK));
    }
  });
});
