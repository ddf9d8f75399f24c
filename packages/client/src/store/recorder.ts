import type { UserId } from '@natter/protocol';
import { forgetOld } from '../core/index.js';
import { initialModel, type Model } from '../engine/model.js';
import { filesIn } from '../outbox/files.js';
import type { Outbox } from '../outbox/outbox.js';
import { KeptFiles } from './kept-files.js';
import { modelOf, OutboxPlaces, prefixOf, rowsBetween } from './rows.js';
import type { ClientStore } from './store.js';

const ACCOUNT = 'account';

function hasUserId(value: unknown): value is { readonly userId: UserId } {
  return typeof value === 'object' && value !== null && 'userId' in value;
}

const keysIn = (outbox: Outbox): string[] => filesIn(outbox).map(({ file }) => file.key);

/** So many messages of each chat a client begins with. Others are read from the server when they are wanted. */
const KEPT_MESSAGES = 500;

function withoutOld(model: Model): Model {
  const state = model.state && forgetOld(model.state, KEPT_MESSAGES);
  if (state === model.state) return model;
  const islands = new Map(model.islands);
  for (const [id, { loadedFrom }] of state?.chats ?? []) {
    if (loadedFrom > (model.state?.chats.get(id)?.loadedFrom ?? 0)) islands.delete(id);
  }
  return { ...model, state, islands };
}

/**
 * Writes the model through to the store. What changes while a write is on its way goes into the next one; each is one
 * transaction, so what is stored is a state that was.
 */
export class Recorder {
  /** Bytes of the files in the outbox: stored before the item that names them, and removed after it is gone. */
  readonly files: KeptFiles;
  private written: Model = initialModel;
  private wanted: Model = initialModel;
  private writing: Promise<void> | undefined;
  private places = new OutboxPlaces();
  /** What could not be read is not written over. */
  private isUnreadable = false;

  /** @param failed The store could not be read; or a write failed, and what it held is written with the next change. */
  constructor(
    private readonly store: ClientStore,
    private readonly failed: (error: unknown) => void,
  ) {
    this.files = new KeptFiles(store.files, failed);
  }

  /** The user whose state was last kept. */
  async lastUser(): Promise<UserId | undefined> {
    const [row] = await this.store.read(ACCOUNT);
    return row && hasUserId(row[1]) ? row[1].userId : undefined;
  }

  /** Takes up what was kept of a user; empty where nothing was or can be read. What is kept of others stays. */
  async open(user: UserId): Promise<Model> {
    const rows = await this.rowsOf(user);
    // What the last user did up to now is written as his.
    await this.saved();
    this.places = new OutboxPlaces();
    const model = modelOf(user, rows, this.places);
    if (!this.isUnreadable) await this.files.open(prefixOf(user), keysIn(model.outbox));
    this.written = model;
    const begun = withoutOld(model);
    this.record(begun);
    return begun;
  }

  private async rowsOf(user: UserId): ReturnType<ClientStore['read']> {
    try {
      const rows = await this.store.read(prefixOf(user));
      this.isUnreadable = false;
      await this.store.write(new Map([[ACCOUNT, { userId: user }]])).catch(this.failed);
      return rows;
    } catch (error) {
      this.isUnreadable = true;
      this.failed(error);
      return [];
    }
  }

  /** Forgets everything of a user, also what he did that was not sent. */
  async erase(user: UserId): Promise<void> {
    await this.saved();
    const rows = await this.store.read(prefixOf(user));
    const none: (readonly [string, undefined])[] = rows.map(([key]) => [key, undefined]);
    await this.store.write(new Map([...none, [ACCOUNT, undefined]]));
    await this.files.remove(this.files.unsaved);
    await this.files.open(prefixOf(user), []);
    this.written = initialModel;
    this.wanted = initialModel;
  }

  record(model: Model): void {
    this.wanted = model;
    if (!this.writing && this.wanted.state) void this.saved();
  }

  /** Resolves when what was recorded is stored, or could not be. */
  saved(): Promise<void> {
    this.writing ??= this.write();
    return this.writing;
  }

  private async write(): Promise<void> {
    // Changes that come in one go are one write.
    await Promise.resolve();
    try {
      while (this.written !== this.wanted && this.wanted.state && !this.isUnreadable) {
        await this.writeOnce(this.wanted);
      }
    } catch (error) {
      this.failed(error);
    } finally {
      // In the same go as the last look at what is wanted: what comes next begins a write of its own.
      this.writing = undefined;
    }
  }

  private async writeOnce(model: Model): Promise<void> {
    const user = model.state?.me;
    if (user === undefined) return;
    const before = this.written.state?.me === user ? this.written : initialModel;
    const rows = rowsBetween(user, before, model, this.places);
    const files = before.outbox === model.outbox ? [] : keysIn(model.outbox);
    await this.files.save(files);
    if (rows.size > 0) await this.store.write(rows);
    this.written = model;
    if (before.outbox === model.outbox) return;
    const left = new Set([...files, ...keysIn(this.wanted.outbox)]);
    // What came and went while a write was on its way is in neither.
    const known = [...keysIn(before.outbox), ...this.files.unsaved];
    await this.files.remove(known.filter((key) => !left.has(key)));
  }
}
