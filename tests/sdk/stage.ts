import {
  type ChatClient,
  type ChatClientOptions,
  type ChatHandle,
  createChatClient,
  type MessageItem,
} from '@natter/client';
import { type ConfigOverrides, freshName, startTestServer, type TestServer } from '@natter/testing';
import { expect, vi } from 'vitest';

const PASSWORD = 'correct horse battery';
/** How long something may take that must happen. */
export const PATIENCE = { timeout: 15_000, interval: 20 };

/** A server and the clients of a test. */
export class Stage {
  private readonly clients: ChatClient[] = [];

  private constructor(readonly server: TestServer) {}

  static async open(overrides: ConfigOverrides = {}): Promise<Stage> {
    return new Stage(await startTestServer(overrides));
  }

  /** A client that nobody has logged in with. */
  clientOf(options: Partial<ChatClientOptions> = {}): ChatClient {
    const client = createChatClient({ url: this.server.url, ...options });
    this.clients.push(client);
    return client;
  }

  /** A client of a new user, up to date. */
  async client(options: Partial<ChatClientOptions> = {}): Promise<ChatClient> {
    const client = this.clientOf(options);
    await client.session.register({ username: freshName(), password: PASSWORD });
    await untilLive(client);
    return client;
  }

  /** A client of the same user on another device. */
  async otherDevice(of: ChatClient, options: Partial<ChatClientOptions> = {}): Promise<ChatClient> {
    const client = this.clientOf(options);
    const username = of.me.getSnapshot()?.username ?? '';
    await client.session.login({ username, password: PASSWORD });
    await untilLive(client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.disconnect();
    await this.server.stop();
  }
}

export async function untilLive(client: ChatClient): Promise<void> {
  await vi.waitFor(() => expect(client.state).toEqual({ status: 'live' }), PATIENCE);
}

/** A direct chat that both know: nothing is sent to it before the other is there, and has to be loaded by him. */
export async function directChat(of: ChatClient, other: ChatClient): Promise<ChatHandle> {
  const chat = await of.chats.createDirect(other.me.getSnapshot()?.id ?? '');
  await vi.waitFor(
    () =>
      expect(
        other.chats
          .list()
          .getSnapshot()
          .map(({ id }) => id),
      ).toContain(chat.id),
    PATIENCE,
  );
  return chat;
}

/** The texts that a client shows of a chat. */
export function textsOf(client: ChatClient, chatId: string): (string | undefined)[] {
  const { items } = client.chats.open(chatId).timeline().getSnapshot();
  return items
    .filter((item): item is MessageItem => item.type === 'message' && item.kind === 'text')
    .map(({ text }) => text);
}
