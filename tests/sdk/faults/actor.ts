import { join } from 'node:path';
import {
  type ChatClient,
  type ChatClientOptions,
  type ClientStore,
  createChatClient,
} from '@natter/client';
import type { MessageId } from '@natter/protocol';
import { tusTransfer, uploadsBy } from '@natter/client/uploads';
import { callRoute, FaultProxy, freshName, type TestServer, TestUser } from '@natter/testing';
import { expect, vi } from 'vitest';
import { Disk, storedIds } from './disk.js';
import type { Written } from './content.js';

const PASSWORD = 'correct horse battery';
/** Small, so that a file is several requests. */
export const CHUNK_BYTES = 15_000;

export type Make = (options: ChatClientOptions) => ChatClient;

/** For how long a client may need to be as the server is. */
export interface Patience {
  readonly timeout: number;
  readonly interval: number;
}

export interface Cast {
  readonly server: TestServer;
  /** Makes a client, for those that are broken on purpose. */
  readonly make?: Make | undefined;
  readonly patience: Patience;
  /** For what they keep beside their stores. */
  readonly folder: string;
}

/** One user with his client behind a way that breaks. */
export class Actor {
  /** What he wrote in each chat, in his order. */
  readonly written = new Map<string, Written[]>();
  /** Keys of what he deleted for himself. */
  readonly hidden = new Set<string>();
  /** Attempts to upload: all, those that went on where one had been before, and those whose way broke. */
  readonly uploads = { begun: 0, resumed: 0, broken: 0 };
  /** Of messages that one client was told of as new more than once. */
  readonly toldAgain: MessageId[] = [];
  readonly disk: Disk;
  client: ChatClient;
  private store: ClientStore;

  private constructor(
    readonly user: TestUser,
    readonly proxy: FaultProxy,
    private readonly make: Make,
    folder: string,
  ) {
    this.disk = new Disk(join(folder, user.session.user.username));
    this.store = this.disk.mount();
    this.client = this.start();
  }

  static async enter(
    { server, make = createChatClient, patience, folder }: Cast,
    random: () => number,
  ): Promise<Actor> {
    const username = freshName('faulty');
    const body = { username, password: PASSWORD };
    const { body: session } = await callRoute(server.url, 'register', { body });
    const proxy = await FaultProxy.start(server.url, random);
    const actor = new Actor(new TestUser(server.url, session), proxy, make, folder);
    await actor.client.session.login({ username, password: PASSWORD });
    await vi.waitFor(() => {
      if (actor.client.state.status !== 'live') throw new Error('The client is not up to date');
    }, patience);
    return actor;
  }

  /** As the end of a process, right after what he did is stored; nothing more is written then. */
  async restart(): Promise<void> {
    const before = this.store;
    for (;;) {
      const stored = new Set(await storedIds(before));
      if (this.client.outbox.getSnapshot().every(({ id }) => stored.has(id))) break;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const unmounted = this.disk.unmount();
    this.client.disconnect();
    await unmounted;
    this.store = this.disk.mount();
    this.client = this.start();
    this.client.connect();
  }

  /** He wrote something that is to be there once, behind all that he wrote before. */
  wrote(chatId: string, written: Written): void {
    this.written.set(chatId, [...(this.written.get(chatId) ?? []), written]);
  }

  /** What he wrote is to be there with another text; without one, it is not to be there. */
  changed(chatId: string, before: Written, text?: string): void {
    const after = (this.written.get(chatId) ?? []).flatMap((written) => {
      if (written !== before) return written;
      return text === undefined ? [] : { ...written, text };
    });
    this.written.set(chatId, after);
  }

  private start(): ChatClient {
    const transfer = tusTransfer({ chunkBytes: CHUNK_BYTES });
    const uploads = uploadsBy({
      ...transfer,
      send: (request) => {
        this.uploads.begun += 1;
        if (request.id !== undefined) this.uploads.resumed += 1;
        return transfer.send(request).catch((error: unknown) => {
          if (!request.signal.aborted) this.uploads.broken += 1;
          throw error;
        });
      },
    });
    const client = this.make({ url: this.proxy.url, store: this.store, uploads });
    const told = new Set<MessageId>();
    for (const name of ['newMessage', 'newMediaMessage'] as const) {
      client.on(name, ({ id }) => {
        if (told.has(id)) this.toldAgain.push(id);
        told.add(id);
      });
    }
    return client;
  }
}

/** Gives up what the server refused, such as a message to a group that its author has left meanwhile. */
function giveUp(actor: Actor): void {
  const { outbox } = actor.client;
  for (const item of outbox.getSnapshot().filter(({ status }) => status === 'failed')) {
    const refused = item.files?.flatMap(({ error }) => error ?? []) ?? [];
    expect(refused, 'no file is ever refused').toEqual([]);
    const text = item.command === 'editMessage' ? item.input.text : undefined;
    const chatId = item.chatId ?? '';
    const given = (actor.written.get(chatId) ?? []).find(
      (written) => written.key === item.id || (text !== undefined && written.text === text),
    );
    if (given) actor.changed(chatId, given);
    outbox.discard(item.id);
  }
}

/** Resolves when nothing that he did waits any more. */
export async function settled(actor: Actor, patience: Patience): Promise<void> {
  await vi.waitFor(async () => {
    giveUp(actor);
    expect(actor.client.state.status).toBe('live');
    expect(actor.client.outbox.getSnapshot()).toEqual([]);
    expect(await actor.disk.kept()).toEqual([]);
  }, patience);
}
