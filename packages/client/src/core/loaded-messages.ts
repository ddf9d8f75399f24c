import type { MessageId, UserId } from '@natter/protocol';
import type { StoredMessage } from './state.js';

/** Messages that follow on each other, by `seq`: at least one, at most `CHUNK`. */
export type Chunk = readonly StoredMessage[];

/** A change copies so many messages at most, and of all others one reference for each so many. */
const CHUNK = 64;

/** What never changes of a message, so that all versions of a list can share it: where it stands. */
class Places {
  readonly byId = new Map<MessageId, number>();
  private readonly bySender = new Map<UserId, Map<string, number>>();

  add({ id, seq, senderId, clientMessageId }: StoredMessage): void {
    this.byId.set(id, seq);
    if (clientMessageId === undefined) return;
    const sent = this.bySender.get(senderId);
    if (sent) sent.set(clientMessageId, seq);
    else this.bySender.set(senderId, new Map([[clientMessageId, seq]]));
  }

  sent(senderId: UserId, clientMessageId: string): number | undefined {
    return this.bySender.get(senderId)?.get(clientMessageId);
  }
}

/** The first place of an ascending list that is at or above a number. */
export function placeIn<T>(
  list: readonly T[],
  numberOf: (item: T) => number,
  least: number,
): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = list[middle];
    if (item !== undefined && numberOf(item) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

const seqOf = ({ seq }: StoredMessage): number => seq;
const lastSeqOf = (chunk: Chunk): number => chunk.at(-1)?.seq ?? 0;

/** A chunk that has become too long is two from then on, an empty one none. */
function split(chunk: Chunk): readonly Chunk[] {
  if (chunk.length <= CHUNK) return chunk.length > 0 ? [chunk] : [];
  return [chunk.slice(0, CHUNK / 2), chunk.slice(CHUNK / 2)];
}

/**
 * The messages that are known of a chat, by `seq`. It is never changed in place: a change copies one chunk, and all others
 * are the same objects afterwards. What is worked out of a chunk can so be kept for as long as that chunk is there.
 */
export class LoadedMessages implements Iterable<StoredMessage> {
  /** No part of the value: it may know of messages that this version does not have. */
  readonly #places: Places;

  private constructor(
    readonly chunks: readonly Chunk[],
    places: Places,
  ) {
    this.#places = places;
  }

  /** @param messages In any order. */
  static of(messages: Iterable<StoredMessage>): LoadedMessages {
    const sorted = [...messages].toSorted((a, b) => a.seq - b.seq);
    const [chunks, places]: [Chunk[], Places] = [[], new Places()];
    for (const message of sorted) places.add(message);
    for (let from = 0; from < sorted.length; from += CHUNK) {
      chunks.push(sorted.slice(from, from + CHUNK));
    }
    return new LoadedMessages(chunks, places);
  }

  get last(): StoredMessage | undefined {
    return this.chunks.at(-1)?.at(-1);
  }

  get(id: MessageId): StoredMessage | undefined {
    const message = this.at(this.#places.byId.get(id));
    return message?.id === id ? message : undefined;
  }

  has(id: MessageId): boolean {
    return this.get(id) !== undefined;
  }

  /** The message that a user sent under an id of his. */
  sentAs(senderId: UserId, clientMessageId: string): StoredMessage | undefined {
    const message = this.at(this.#places.sent(senderId, clientMessageId));
    return message?.senderId === senderId && message.clientMessageId === clientMessageId
      ? message
      : undefined;
  }

  *[Symbol.iterator](): Generator<StoredMessage, void> {
    for (const chunk of this.chunks) yield* chunk;
  }

  /** The chunks in which there are messages from `seq` on; the first of them may begin below it. */
  chunksFrom(seq: number): readonly Chunk[] {
    return this.chunks.slice(placeIn(this.chunks, lastSeqOf, seq));
  }

  /** With a message added, or in the place of what it was before; its `seq` is the same for ever. */
  with(message: StoredMessage): LoadedMessages {
    if (this.get(message.id) === message) return this;
    this.#places.add(message);
    const place = placeIn(this.chunks, lastSeqOf, message.seq);
    const hasRoom = (this.chunks.at(-1)?.length ?? CHUNK) < CHUNK;
    const isBehindAll = place === this.chunks.length;
    return this.replaced(isBehindAll && hasRoom ? place - 1 : place, message.seq, [message]);
  }

  without(id: MessageId): LoadedMessages {
    const known = this.get(id);
    if (!known) return this;
    return this.replaced(placeIn(this.chunks, lastSeqOf, known.seq), known.seq, []);
  }

  private at(seq: number | undefined): StoredMessage | undefined {
    if (seq === undefined) return undefined;
    const chunk = this.chunks[placeIn(this.chunks, lastSeqOf, seq)];
    const message = chunk?.[placeIn(chunk, seqOf, seq)];
    return message?.seq === seq ? message : undefined;
  }

  /** With other messages at a number of a chunk. */
  private replaced(place: number, seq: number, messages: Chunk): LoadedMessages {
    const chunk = this.chunks[place] ?? [];
    const index = placeIn(chunk, seqOf, seq);
    const next = chunk.toSpliced(index, chunk[index]?.seq === seq ? 1 : 0, ...messages);
    return new LoadedMessages(this.chunks.toSpliced(place, 1, ...split(next)), this.#places);
  }
}

/** Works something out of each chunk once. */
export function perChunk<T extends {}>(of: (chunk: Chunk) => T): (chunk: Chunk) => T {
  const known = new WeakMap<Chunk, T>();
  return (chunk) => {
    const before = known.get(chunk);
    if (before !== undefined) return before;
    const value = of(chunk);
    known.set(chunk, value);
    return value;
  };
}

/** What differs between two lists: messages as they are now, `undefined` where they are gone. What both share is not read. */
export function changedMessages(
  before: LoadedMessages | undefined,
  after: LoadedMessages | undefined,
): Map<MessageId, StoredMessage | undefined> {
  const oldChunks = new Set(before?.chunks);
  const newChunks = after?.chunks.filter((chunk) => !oldChunks.delete(chunk)) ?? [];
  const old = new Set([...oldChunks].flat());
  const changed = new Map<MessageId, StoredMessage | undefined>();
  for (const message of newChunks.flat()) {
    if (!old.delete(message)) changed.set(message.id, message);
  }
  for (const { id } of old) if (!changed.has(id)) changed.set(id, undefined);
  return changed;
}
