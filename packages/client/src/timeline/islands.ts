import type { ChatId, History } from '@natter/protocol';
import { applyHistory, extendLoaded } from '../core/index.js';
import type { Model } from '../engine/model.js';
import { type Range, withRange } from './ranges.js';

/** How a page of history was asked for; nothing, for the newest. */
export type HistoryBound =
  | { readonly before: number }
  | { readonly after: number }
  | { readonly around: number }
  | Record<string, never>;

/** Of which entries a page tells all that there is to see. */
export function coveredBy(
  { items, hasMoreBefore, hasMoreAfter }: History,
  bound: HistoryBound,
): Range {
  const from = 'after' in bound ? bound.after + 1 : hasMoreBefore ? (items[0]?.seq ?? 1) : 1;
  const to =
    'before' in bound
      ? bound.before - 1
      : hasMoreAfter
        ? (items.at(-1)?.seq ?? from)
        : Number.POSITIVE_INFINITY;
  return { from, to };
}

/** The model with a page of a chat's history; what touches the newest part of the chat becomes one with it. */
export function withHistory(model: Model, chatId: ChatId, page: History, covered: Range): Model {
  if (!model.state?.chats.has(chatId)) return model;
  // A bound of 0 is below whatever is loaded: the messages become known, and nothing else.
  const known = applyHistory(model.state, chatId, page, 0);
  const chat = known.chats.get(chatId);
  if (!chat) return model;
  const ranges = withRange(model.islands.get(chatId) ?? [], {
    from: covered.from,
    to: Math.min(covered.to, chat.loadedFrom - 1),
  });
  const last = covered.to >= chat.loadedFrom - 1 ? ranges.at(-1) : undefined;
  const touching = last && last.to >= chat.loadedFrom - 1 ? last : undefined;
  const islands = new Map(model.islands);
  const left = touching ? ranges.slice(0, -1) : ranges;
  if (left.length > 0) islands.set(chatId, left);
  else islands.delete(chatId);
  if (!touching) return { ...model, state: known, islands };
  return {
    ...model,
    islands,
    state: extendLoaded(known, chatId, touching.from),
  };
}
