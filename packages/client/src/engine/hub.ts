import type { ChatId } from '@natter/protocol';
import { applyEvent, type ClientState, type ServerEvent } from '../core/index.js';
import { isMessageEntry } from '../core/state.js';
import { isUnread } from '../core/unread.js';
import type { Outbox } from '../outbox/outbox.js';
import { Listeners, type Readable } from '../readable.js';
import { isOf } from '../core/server-event.js';
import { initialModel, type Model } from './model.js';

/** Holds the model, and tells of each change of it and of each event that has taken effect. */
export class Hub implements Readable<Model> {
  private model: Model = initialModel;
  private readonly arrivals = new Arrivals();
  private readonly listeners = new Listeners();

  /** @param onEffect Called once for each event, in the order in which they took effect, after the model has changed. */
  constructor(
    private readonly onEffect: (event: ServerEvent) => void,
    private readonly onChange: (model: Model) => void = () => undefined,
  ) {}

  getSnapshot(): Model {
    return this.model;
  }

  subscribe(listener: () => void): () => void {
    return this.listeners.add(listener);
  }

  update(change: (model: Model) => Model): void {
    const after = change(this.model);
    if (after === this.model) return;
    this.model = after;
    this.onChange(after);
    this.listeners.notify();
  }

  updateState(change: (state: ClientState) => ClientState): void {
    this.update((model) => {
      if (!model.state) return model;
      const state = change(model.state);
      // An answer may bring a chat before its `chatAdded` comes.
      if (state.chats.size > model.state.chats.size) {
        for (const { id } of state.chats.values()) this.arrivals.note(model.state, state, id);
      }
      return state === model.state ? model : { ...model, state };
    });
  }

  updateOutbox(change: (outbox: Outbox) => Outbox): void {
    this.update((model) => {
      const outbox = change(model.outbox);
      return outbox === model.outbox ? model : { ...model, outbox };
    });
  }

  /** Applies events in one change of the model, together with whatever `also` changes. */
  apply(events: readonly ServerEvent[], also: (model: Model) => Model = (model) => model): void {
    const effects: ServerEvent[] = [];
    this.update((model) => {
      let { state } = model;
      for (const event of events) {
        const before = state;
        state = before && step(before, event, effects);
        if (before && state && this.arrivals.isNews(before, state, event)) effects.push(event);
      }
      return also(state === model.state ? model : { ...model, state });
    });
    for (const event of effects) this.onEffect(event);
  }
}

/**
 * `chatAdded` brings a chat as it is by then, and what it has got since the user joined comes after it, entry by entry: that
 * changes nothing any more, and tells of messages that are new to him.
 */
class Arrivals {
  /** Of chats that came with entries, those that did not come by themselves yet. */
  private readonly untold = new Map<string, Set<number>>();

  /** To be asked once for each event. @returns whether it tells of a message that came with its chat. */
  isNews(before: ClientState, after: ClientState, event: ServerEvent): boolean {
    if (event.event === 'chatAdded') this.note(before, after, event.payload.chat.id);
    if (event.event === 'chatRemoved') this.untold.delete(event.payload.chatId);
    if (after !== before || !isOf(event, 'entry')) return false;
    const { chatId, seq } = event.payload;
    const chat = after.chats.get(chatId);
    if (!this.untold.get(chatId)?.delete(seq) || !chat || !isMessageEntry(event)) return false;
    return isUnread(chat, event.payload, after.me);
  }

  note(before: ClientState, after: ClientState, id: ChatId): void {
    const chat = after.chats.get(id);
    if (!chat || chat.me.joinedAt === before.chats.get(id)?.me.joinedAt) return;
    // Who joins has seen what was there before him (CHAT-3).
    const seqs = new Set<number>();
    for (let seq = chat.lastSeq; seq > chat.me.seenSeq; seq -= 1) seqs.add(seq);
    this.untold.set(id, seqs);
  }
}

/** Applies one event, and notes what took effect by it: it may wait for others, and others may have waited for it. */
function step(state: ClientState, event: ServerEvent, effects: ServerEvent[]): ClientState {
  const after = applyEvent(state, event);
  if (after === state) return state;
  if (!isOf(event, 'entry')) {
    effects.push(event);
    return after;
  }
  const { chatId, seq } = event.payload;
  const [before, chat] = [state.chats.get(chatId), after.chats.get(chatId)];
  if (!before || !chat) return after;
  if (seq <= chat.lastSeq) effects.push(event);
  const waited = [...before.ahead.values()].filter(
    ({ payload }) => payload.seq <= chat.lastSeq && payload.seq > seq,
  );
  effects.push(...waited.toSorted((a, b) => a.payload.seq - b.payload.seq));
  return after;
}
