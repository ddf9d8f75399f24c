import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type CommandAnswer,
  type CommandError,
  type CommandName,
  type CommandOutput,
  commands,
  type EventName,
  type EventPayload,
  events,
  type Message,
} from '@natter/protocol';
import { io, type Socket } from 'socket.io-client';
import { requireDeclared } from './call-route.js';

/** How long a test waits for something that must happen before it says what did not. */
const PATIENCE_MS = 30_000;
const POLL_MS = 20;

/** An event as it came; every one is checked against the protocol. */
export interface ReceivedEvent<K extends EventName = EventName> {
  readonly event: K;
  readonly payload: EventPayload<K>;
}

function isEventName(name: string): name is EventName {
  return Object.hasOwn(events, name);
}

/** A plain `socket.io-client` that keeps what it receives. It neither buffers nor reconnects: tests decide that. */
export class TestSocket {
  readonly received: ReceivedEvent[] = [];
  /** What came and was not as the protocol declares it; `close` throws it. */
  private readonly violations: unknown[] = [];
  private readonly watchers = new Set<() => void>();

  private constructor(readonly raw: Socket) {
    raw.onAny((name: string, payload: unknown) => this.receive(name, payload));
    raw.on('disconnect', () => this.notify());
  }

  static connect(url: string, auth: object, options: object = {}): Promise<TestSocket> {
    const raw = io(url, {
      auth,
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      ...options,
    });
    const socket = new TestSocket(raw);
    return new Promise((resolve, reject) => {
      raw.once('connect', () => resolve(socket));
      raw.once('connect_error', (error) => {
        raw.close();
        reject(error);
      });
    });
  }

  /** Emits a command and resolves with its answer, which must be as the protocol declares it. */
  async answer<K extends CommandName>(name: K, payload: unknown): Promise<CommandAnswer<K>> {
    const answer: CommandAnswer<K> = await this.raw.timeout(PATIENCE_MS).emitWithAck(name, payload);
    if (answer.ok) requireDeclared(commands[name].output, answer.data, `the answer of ${name}`);
    return answer;
  }

  /** A command that is expected to succeed. */
  async command<K extends CommandName>(name: K, payload: unknown): Promise<CommandOutput<K>> {
    const answer = await this.answer(name, payload);
    if (!answer.ok) throw new Error(`${name} failed: ${JSON.stringify(answer.error)}`);
    return answer.data;
  }

  /**
   * A cursor for now, from which a sync tells what comes after it and nothing else: while transactions are open, also those of
   * other tests on the same PostgreSQL, it may repeat what was there before.
   */
  async cursor(): Promise<string> {
    let { cursor } = await this.command('sync', {});
    for (;;) {
      const page = await this.command('sync', { cursor, limit: 500 });
      if (page.entries.length === 0) return page.cursor;
      ({ cursor } = page);
      await wait(POLL_MS);
    }
  }

  /** A command that is expected to fail. */
  async fail(name: CommandName, payload: unknown): Promise<CommandError> {
    const answer = await this.answer(name, payload);
    if (answer.ok) throw new Error(`${name} succeeded where a failure was expected`);
    return answer.error;
  }

  async send(
    chatId: string,
    text: string,
    input: { clientMessageId?: string; mentions?: readonly string[]; replyToId?: string } = {},
  ): Promise<Message> {
    const { message } = await this.command('sendMessage', {
      chatId,
      clientMessageId: randomUUID(),
      text,
      ...input,
    });
    return message;
  }

  /** All events of a name so far. */
  of<K extends EventName>(name: K): EventPayload<K>[] {
    return this.received
      .filter((received): received is ReceivedEvent<K> => received.event === name)
      .map((received) => received.payload);
  }

  /** The texts of the messages of a chat, in the order in which they came. */
  texts(chatId: string): (string | undefined)[] {
    return this.of('newMessage')
      .filter((message) => message.chatId === chatId && message.kind === 'text')
      .map((message) => message.text);
  }

  /** Waits until a condition on this socket holds. */
  async until(condition: () => boolean, what: string): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.watchers.delete(watcher);
      };
      const watcher = (): void => {
        if (!condition()) return;
        finish();
        resolve();
      };
      const timer = setTimeout(() => {
        finish();
        reject(
          new Error(
            `Waited in vain for ${what}; got ${JSON.stringify(this.received).slice(0, 2000)}`,
          ),
        );
      }, PATIENCE_MS);
      this.watchers.add(watcher);
    });
  }

  /** Waits for an event that fits. */
  async next<K extends EventName>(
    name: K,
    fits: (payload: EventPayload<K>) => boolean = () => true,
  ): Promise<EventPayload<K>> {
    await this.until(() => this.of(name).some(fits), name);
    const found = this.of(name).find(fits);
    if (found === undefined) throw new Error(`${name} came and went`);
    return found;
  }

  /** Stops to read, as a client that is stuck does; returns what makes it go on. Only over WebSocket. */
  stopReading(): () => void {
    const { transport } = this.raw.io.engine as unknown as {
      transport: { ws: { pause(): void; resume(): void } };
    };
    transport.ws.pause();
    return () => transport.ws.resume();
  }

  /** @throws where something came that the protocol does not declare. */
  close(): void {
    this.raw.close();
    if (this.violations.length > 0)
      throw new AggregateError(this.violations, String(this.violations[0]));
  }

  private receive(name: string, payload: unknown): void {
    try {
      if (!isEventName(name)) throw new Error(`There is no event ${name}`);
      requireDeclared(events[name].payload, payload, `the event ${name}`);
      this.received.push({ event: name, payload: payload as EventPayload<typeof name> });
    } catch (error) {
      this.violations.push(error);
    }
    this.notify();
  }

  private notify(): void {
    for (const watcher of this.watchers) watcher();
  }
}
