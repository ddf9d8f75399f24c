import { randomUUID } from 'node:crypto';
import { Mismatch } from './mismatch.js';
import { TIME, timeAfter } from './views.js';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const CLIENT_ID = /^k\d+$/;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMessage(value: Record<string, unknown>): boolean {
  return ['id', 'chatId', 'seq', 'kind', 'senderId', 'reactions'].every((key) => key in value);
}

/** What `expiresAt` says of how long a message lives. */
function lifetimeOf({ createdAt, expiresAt }: Record<string, unknown>): string {
  return timeAfter(Date.parse(String(expiresAt)) - Date.parse(String(createdAt)));
}

/**
 * Which id has which name. What the server answers is compared in names: users and devices become their names, times
 * one word. A message gets its name where it is first seen; from then on it must have that id and that time of creation
 * in every answer.
 */
export class Names {
  private readonly names = new Map<string, string>();
  private readonly ids = new Map<string, string>();
  private readonly createdAt = new Map<string, unknown>();

  bind(name: string, id: string): void {
    const [otherName, otherId] = [this.names.get(id), this.ids.get(name)];
    if ((otherName ?? name) !== name || (otherId ?? id) !== id) {
      throw new Mismatch(`${name} has the id ${id}; that is ${otherName}, and it has ${otherId}`);
    }
    this.names.set(id, name);
    this.ids.set(name, id);
  }

  /** When a message was made, as it was answered; `undefined` where it was never seen. */
  createdAtOf(name: string): unknown {
    return this.createdAt.get(name);
  }

  knows(name: string): boolean {
    return this.ids.has(name);
  }

  idOf(name: string): string {
    const id = this.ids.get(name);
    if (id === undefined) throw new Error(`${name} has no id`);
    return id;
  }

  /** A value with ids in the place of names. */
  toIds<T>(value: T): T;
  toIds(value: unknown): unknown {
    if (typeof value === 'string') {
      if (CLIENT_ID.test(value) && !this.ids.has(value)) this.bind(value, randomUUID());
      return this.ids.get(value) ?? value;
    }
    if (Array.isArray(value)) return value.map((item) => this.toIds(item));
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.toIds(item)]));
  }

  /** A value with names in the place of ids. */
  toNames(value: unknown): unknown {
    if (typeof value === 'string') {
      return INSTANT.test(value) ? TIME : (this.names.get(value) ?? value);
    }
    if (Array.isArray(value)) return value.map((item) => this.toNames(item));
    if (!isRecord(value)) return value;
    if ('username' in value || 'pushEnabled' in value) return this.toNames(value['id']);
    if (isMessage(value)) this.noteMessage(value);
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        key === 'expiresAt' ? lifetimeOf(value) : this.toNames(item),
      ]),
    );
  }

  private noteMessage({ id, chatId, seq, createdAt }: Record<string, unknown>): void {
    const name = `${this.names.get(String(chatId)) ?? String(chatId)}/${String(seq)}`;
    this.bind(name, String(id));
    const before = this.createdAt.get(name);
    if (before !== undefined && before !== createdAt) {
      throw new Mismatch(`${name} was made at ${String(before)} and now at ${String(createdAt)}`);
    }
    this.createdAt.set(name, createdAt);
  }
}
