import { isDeepStrictEqual } from 'node:util';
import {
  type CommandName,
  type ErrorCode,
  type Problem,
  type Route,
  type RouteName,
  routes,
  type Session,
} from '@natter/protocol';
import { requireDeclared, sendRequest, TestSocket } from '@natter/testing';
import { Mismatch, requireEqual } from './mismatch.js';
import type { Names } from './names.js';
import type { Request } from './plan.js';
import type { ExpectedEvent } from './step.js';
import type { View } from './views.js';

/** What is told and not kept (TYP-1, PRES-1): it may come or not, whatever the model says. */
const EPHEMERAL = new Set(['typing', 'stopTyping', 'userOnline', 'userOffline', 'userUpdated']);
/** How long an event may take. A model that finds nothing wrong never waits as long. */
const PATIENCE_MS = 15_000;
/** Marks are on no stream, and come in any order. */
const STATUS = 'status';
const OWN = 'own';

export type Answer = { readonly data: unknown } | { readonly code: ErrorCode };

export interface TypingNews {
  readonly event: 'typing' | 'stopTyping';
  readonly chatId: string;
  readonly userId: string;
}

/** A device with its session and, where it is connected, its socket. It speaks in names. */
export class LiveDevice {
  /** Where its last `sync` ended. */
  cursor: string | undefined;
  private socket: TestSocket | undefined;
  private read = 0;
  private heard = 0;

  constructor(
    private readonly url: string,
    readonly name: string,
    private readonly names: Names,
    public session: Session,
  ) {}

  async connect(): Promise<void> {
    this.socket = await TestSocket.connect(this.url, { token: this.session.accessToken });
    this.read = 0;
    this.heard = 0;
  }

  /** The number of the first event of the user's own stream that comes, which is passed over. */
  async firstUserSeq(): Promise<number> {
    if (!this.socket) throw new Error(`${this.name} is not connected`);
    const { userSeq } = await this.socket.next('deviceAdded');
    this.read = this.socket.received.length;
    return userSeq;
  }

  disconnect(): void {
    this.socket?.close();
    this.socket = undefined;
  }

  /** Waits until the server has ended the session and the connection. */
  async untilEnded(): Promise<void> {
    const { socket } = this;
    if (!socket) return;
    await socket.until(() => !socket.raw.connected, `the end of the session of ${this.name}`);
    const [ended] = socket.of('sessionEnded');
    requireEqual(ended?.code, 'DEVICE_REVOKED', `${this.name} is told of the end`);
    this.disconnect();
  }

  async command(name: CommandName, payload: View): Promise<Answer> {
    if (!this.socket) throw new Error(`${this.name} is not connected`);
    const answer = await this.socket.answer(name, this.names.toIds(payload));
    return answer.ok ? { data: answer.data } : { code: answer.error.code };
  }

  async request(name: RouteName, request: Request): Promise<Answer> {
    const token = this.session.accessToken;
    const { status, body } = await sendRequest(this.url, name, {
      ...this.names.toIds(request),
      token,
    });
    if (status >= 400) return { code: (body as Problem).code };
    const { output }: Route = routes[name];
    if (output) requireDeclared(output, body, `the answer of ${name}`);
    return { data: body };
  }

  /** Waits for the events that must have come since the last time, and for none beside them. */
  async receive(expected: readonly ExpectedEvent[], what: string): Promise<void> {
    const { socket } = this;
    if (!socket) throw new Error(`${this.name} is not connected`);
    const fresh = () =>
      socket.received.slice(this.read).filter(({ event }) => !EPHEMERAL.has(event));
    await this.until(() => fresh().length >= expected.length || !socket.raw.connected);
    const received = fresh();
    this.read = socket.received.length;
    const actual = received.map(({ event, payload }) => ({
      event,
      payload: this.names.toNames(payload),
    }));
    requireEqual(byStream(actual), byStream(expected), `${what}: what ${this.name} was sent`);
  }

  /** What it is told of typing, and was not asked for yet. */
  typing(): TypingNews[] {
    const news = this.freshTyping();
    this.heard = this.socket?.received.length ?? 0;
    return news;
  }

  /** Waits until it is told this of typing; `false` where that takes too long. */
  async untilTyping(wanted: TypingNews): Promise<boolean> {
    const isTold = () => this.freshTyping().some((news) => isDeepStrictEqual(news, wanted));
    await this.until(isTold);
    return isTold();
  }

  private freshTyping(): TypingNews[] {
    const fresh = this.socket?.received.slice(this.heard) ?? [];
    return fresh.flatMap(({ event, payload }) => {
      if (event !== 'typing' && event !== 'stopTyping') return [];
      const { chatId, userId } = this.names.toNames(payload) as Omit<TypingNews, 'event'>;
      return [{ event, chatId, userId }];
    });
  }

  private async until(condition: () => boolean): Promise<void> {
    const { socket } = this;
    if (!socket || condition()) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        socket.raw.offAny(check);
        socket.raw.off('disconnect', finish);
        resolve();
      };
      const check = (): void => {
        if (condition()) finish();
      };
      const timer = setTimeout(finish, PATIENCE_MS);
      socket.raw.onAny(check);
      socket.raw.on('disconnect', finish);
    });
  }
}

/** @throws {Mismatch} for a failure. */
export function dataOf(answer: Answer, what: string): unknown {
  if ('code' in answer) throw new Mismatch(`${what} failed: ${answer.code}`);
  return answer.data;
}

function streamOf({ event, payload }: { event: string; payload: unknown }): string {
  if (event === 'messageStatusUpdated') return STATUS;
  const { userSeq, chatId } = payload as { userSeq?: number; chatId?: string };
  return userSeq === undefined ? String(chatId) : OWN;
}

/** Events by stream, each in its order; those that are on none in any. */
function byStream(events: readonly { event: string; payload: unknown }[]): View {
  const grouped = Map.groupBy(events, streamOf);
  return Object.fromEntries(
    [...grouped].map(([stream, some]) => [
      stream,
      stream === STATUS
        ? some.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
        : some,
    ]),
  );
}
