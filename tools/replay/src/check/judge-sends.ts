import { configurableLimits, utf8Length, visibleText } from '@natter/protocol';
import * as z from 'zod/mini';
import { bodyHashOf } from '../ledger/ledger-line.js';
import type { RunFile } from '../ledger/run-file.js';
import type { Finding, FindingKind, Verdict } from './findings.js';
import type { SeenMessage } from './fresh-device.js';
import { groupBy } from './group-by.js';
import type { Send } from './sends.js';
import type { Written } from './source.js';

/** A room's source, what was sent of it, and what is there now. */
export interface RoomCase {
  readonly room: string;
  readonly written: readonly Written[];
  readonly sends: ReadonlyMap<number, readonly Send[]>;
  readonly messages: readonly SeenMessage[];
  /** The user id of each nick. */
  readonly authors: ReadonlyMap<string, string>;
  /** Whose lines were sent one after the other. */
  readonly order: RunFile['order'];
}

interface Place {
  readonly written: Written;
  readonly seq: number;
}

function nameOf({ line, nick }: Written): string {
  return `line ${line} by ${nick}`;
}

function isAllowed(text: string): boolean {
  return (
    z.safeParse(visibleText, text).success &&
    utf8Length(text) <= configurableLimits.textBytes.default
  );
}

/** Holds every line of a room's source, and every message of its history, against each other. */
class SendsJudge {
  private readonly findings: Finding[] = [];
  private readonly byId: ReadonlyMap<string, SeenMessage[]>;
  private readonly byClientId: ReadonlyMap<string | undefined, SeenMessage[]>;
  /** Messages that some send explains. */
  private readonly explained = new Set<SeenMessage>();
  /** Where the acknowledged lines are now, in the order of the source. */
  private readonly places: Place[] = [];
  private readonly counts = { acknowledged: 0, refused: 0, unresolved: 0 };

  constructor(private readonly room: RoomCase) {
    this.byId = groupBy(room.messages, (message) => message.id);
    this.byClientId = groupBy(room.messages, (message) => message.clientMessageId);
  }

  judge(): Verdict {
    for (const written of this.room.written) this.judgeLine(written);
    this.judgeOrder();
    this.judgeUnexplained();
    return { findings: this.findings, ...this.counts };
  }

  private judgeLine(written: Written): void {
    const sends = this.room.sends.get(written.line) ?? [];
    if (sends.length === 0) this.find('unsent', nameOf(written));
    const copies = sends.flatMap((send) => this.judgeSend(send, written));
    for (const copy of copies) {
      this.explained.add(copy);
      this.judgeContent(copy, written);
    }
    for (const copy of copies.slice(1))
      this.find('duplicated', `${nameOf(written)} again at seq ${copy.seq}`);
  }

  /** Returns every message that came of the send. */
  private judgeSend(send: Send, written: Written): SeenMessage[] {
    const copies = this.copiesOf(send, written);
    if (send.bodyHash !== bodyHashOf(written.text))
      this.find('altered', `${nameOf(written)} before it was sent`);
    if (send.outcome === 'ok') this.judgeAcknowledged(send, written, copies);
    if (send.outcome === 'fail') this.judgeRefused(send, written, copies);
    if (send.outcome === 'unknown' && copies.length === 0) this.counts.unresolved += 1;
    return copies;
  }

  private judgeAcknowledged(send: Send, written: Written, copies: readonly SeenMessage[]): void {
    this.counts.acknowledged += 1;
    const [copy] = copies;
    if (!copy) {
      this.find('lost', `${nameOf(written)}, acknowledged as seq ${send.oks[0]?.seq}`);
      return;
    }
    this.places.push({ written, seq: copy.seq });
    for (const { seq, messageId } of send.oks) {
      if (seq === copy.seq && messageId === copy.id) continue;
      this.find('renumbered', `${nameOf(written)}, acknowledged as seq ${seq}, is at ${copy.seq}`);
    }
  }

  private judgeRefused(send: Send, written: Written, copies: readonly SeenMessage[]): void {
    this.counts.refused += 1;
    for (const copy of copies)
      this.find('phantom', `${nameOf(written)} at seq ${copy.seq}, refused`);
    if (isAllowed(written.text))
      this.find('unjustified', `${nameOf(written)}, ${send.codes.join(', ')}`);
  }

  private copiesOf({ oks, clientMessageId }: Send, { nick }: Written): SeenMessage[] {
    const author = this.room.authors.get(nick);
    const ids = new Set(oks.map((ok) => ok.messageId));
    const copies = new Set([...ids].flatMap((id) => this.byId.get(id) ?? []));
    for (const message of this.byClientId.get(clientMessageId) ?? []) {
      if (message.senderId === author) copies.add(message);
    }
    return [...copies];
  }

  private judgeContent(copy: SeenMessage, written: Written): void {
    if (bodyHashOf(copy.text ?? '') !== bodyHashOf(written.text)) {
      this.find('altered', `${nameOf(written)} at seq ${copy.seq} has another text`);
    }
    if (copy.senderId !== this.room.authors.get(written.nick)) {
      this.find('altered', `${nameOf(written)} at seq ${copy.seq} has another author`);
    }
  }

  /** Each line was sent after the one before it was acknowledged, so their numbers must ascend. */
  private judgeOrder(): void {
    const { order } = this.room;
    const rows = groupBy(this.places, ({ written }) => (order === 'room' ? '' : written.nick));
    for (const places of rows.values()) this.judgeRow(places);
  }

  private judgeRow(places: readonly Place[]): void {
    for (const [index, place] of places.entries()) {
      const before = places[index - 1];
      if (!before || before.seq < place.seq) continue;
      this.find(
        'reordered',
        `${nameOf(before.written)} at seq ${before.seq}, ${nameOf(place.written)} at ${place.seq}`,
      );
    }
  }

  private judgeUnexplained(): void {
    for (const message of this.room.messages) {
      if (message.kind === 'system' || this.explained.has(message)) continue;
      const original = this.findOriginal(message);
      if (original) this.find('duplicated', `${nameOf(original)} again at seq ${message.seq}`);
      else this.find('phantom', `message ${message.id} at seq ${message.seq}`);
    }
  }

  private findOriginal({ senderId, text }: SeenMessage): Written | undefined {
    return this.room.written.find(
      (written) => written.text === text && this.room.authors.get(written.nick) === senderId,
    );
  }

  private find(kind: FindingKind, what: string): void {
    this.findings.push({ kind, room: this.room.room, what });
  }
}

/** What became of every line of a room, and what every message of the room comes from. */
export function judgeSends(room: RoomCase): Verdict {
  return new SendsJudge(room).judge();
}
