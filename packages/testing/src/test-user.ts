import { randomUUID } from 'node:crypto';
import type { Chat, ChatEntry, Media, Message, RouteName, Session } from '@natter/protocol';
import { callRoute, failRoute, type RouteRequest } from './call-route.js';
import { TestSocket } from './test-socket.js';
import { uploadForm, type UploadOptions } from './upload-form.js';

export const PASSWORD = 'correct horse battery';

/** A person with an account and one device, who talks to a server by HTTP and by as many sockets as he opens. */
export class TestUser {
  private readonly sockets: TestSocket[] = [];

  constructor(
    readonly url: string,
    readonly session: Session,
  ) {}

  static async register(url: string, username: string): Promise<TestUser> {
    const { body } = await callRoute(url, 'register', { body: { username, password: PASSWORD } });
    return new TestUser(url, body);
  }

  get id(): Session['user']['id'] {
    return this.session.user.id;
  }

  get token(): string {
    return this.session.accessToken;
  }

  /** The same user on another device. */
  async otherDevice(): Promise<TestUser> {
    const { username } = this.session.user;
    const { body } = await callRoute(this.url, 'login', { body: { username, password: PASSWORD } });
    return new TestUser(this.url, body);
  }

  call<K extends RouteName>(name: K, request: RouteRequest = {}) {
    return callRoute(this.url, name, { token: this.token, ...request });
  }

  fail(name: RouteName, request: RouteRequest = {}) {
    return failRoute(this.url, name, { token: this.token, ...request });
  }

  async connect(): Promise<TestSocket> {
    const socket = await TestSocket.connect(this.url, { token: this.token });
    this.sockets.push(socket);
    return socket;
  }

  /** The direct chat with a user. */
  async direct(other: { id: string }): Promise<Chat> {
    const { body } = await this.call('createChat', { body: { type: 'direct', userId: other.id } });
    return body;
  }

  async group(members: readonly { id: string }[] = [], options: object = {}): Promise<Chat> {
    const memberIds = members.map((member) => member.id);
    const { body } = await this.call('createChat', {
      body: { type: 'group', title: 'A group', memberIds, ...options },
    });
    return body;
  }

  /** The chat with these preferences changed. */
  async prefer(id: string, changes: object): Promise<Chat> {
    return (await this.call('setPreferences', { params: { id }, body: changes })).body;
  }

  /** Sends a text without a connection. */
  async say(chatId: string, text = 'hello'): Promise<Message> {
    const body = { kind: 'text', text, clientMessageId: randomUUID() };
    return (await this.call('sendMessage', { params: { id: chatId }, body })).body.message;
  }

  async readChat(id: string): Promise<Chat> {
    return (await this.call('getChat', { params: { id } })).body;
  }

  /** The newest messages of a chat that he can see, oldest first. */
  async readHistory(id: string): Promise<Message[]> {
    return (await this.call('getHistory', { params: { id } })).body.items;
  }

  async readLog(id: string): Promise<ChatEntry[]> {
    return (await this.call('getLog', { params: { id } })).body.entries;
  }

  /** Uploads a file by a form. */
  async upload(
    content: string | Uint8Array<ArrayBuffer>,
    options: UploadOptions = {},
  ): Promise<Media> {
    const form = uploadForm(content, options);
    return (await this.call('uploadMedia', { form })).body;
  }

  /** Asks for an address of the server with the user's token, as it is in a `url` of an answer. */
  fetch(address: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${this.token}`);
    return fetch(new URL(address, this.url), { ...init, headers });
  }

  /** Closes every socket that `connect` opened. */
  disconnect(): void {
    for (const socket of this.sockets) socket.close();
  }
}
