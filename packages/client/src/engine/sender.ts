import type { CommandOutput, Message, MessageId } from '@natter/protocol';
import { type Backoff, backoffMs, type Clock } from '../clock.js';
import { applyAcknowledgement, applySnapshot, type ClientState } from '../core/index.js';
import { type ChatError, type ErrorInfo, toChatError } from '../errors.js';
import {
  type CommandItem,
  isReplaceable,
  isSend,
  onRefusal,
  type OutboxItem,
  type QueuedCommand,
  type SendItem,
} from '../outbox/outbox-item.js';
import { withFile } from '../outbox/files.js';
import { begin, discard, fail, finish, postpone, ready } from '../outbox/outbox.js';
import type { Settled } from '../settlements.js';
import type { Connection } from '../transport/connection.js';
import type { Hub } from './hub.js';
import type { Request } from './read-snapshot.js';

const BACKOFF: Backoff = { firstMs: 500, longestMs: 30_000 };
/** Marks and drafts are gathered for so long. */
const GATHER_MS = 1000;
/** How many lanes have something on its way at once. */
const MOST_AT_ONCE = 16;

export interface SenderEvents {
  /** The server has answered. */
  readonly settled: (item: OutboxItem, output: Settled) => void;
  /** Refused for good; it is not in the outbox any more. */
  readonly dropped: (item: OutboxItem, error: ErrorInfo) => void;
  /** Refused for good; it stays in the outbox, for the user to decide. */
  readonly failed: (item: OutboxItem, error: ErrorInfo) => void;
  /** The server may have carried something out without this device's being told. */
  readonly doubtful: () => void;
  /** The login is not valid any more. */
  readonly unauthenticated: () => void;
}

/** What an answer changes, and what the caller gets of it. */
interface Outcome {
  readonly apply: (state: ClientState) => ClientState;
  readonly output: Settled;
  readonly messageId?: MessageId;
}

/** Sends what is in the outbox, one of each lane at a time, until the server has answered for good. */
export class Sender {
  private connection: Connection | undefined;
  /** Lanes that wait for their time, and what ends that. */
  private readonly resting = new Map<string, () => void>();
  private inFlight = 0;

  constructor(
    private readonly hub: Hub,
    private readonly request: Request,
    private readonly clock: Clock,
    /** Resolves when all that the hub holds by now is stored. */
    private readonly saved: () => Promise<void>,
    private readonly events: SenderEvents,
  ) {}

  start(connection: Connection): void {
    this.connection = connection;
    for (const item of this.hub.getSnapshot().outbox) {
      const message = isSend(item) && item.attempts > 0 ? this.arrived(item) : undefined;
      if (message) {
        this.conclude(item, {
          apply: (state) => state,
          output: { message },
          messageId: message.id,
        });
      }
    }
    this.pump();
  }

  stop(): void {
    this.connection = undefined;
    for (const cancel of this.resting.values()) cancel();
    this.resting.clear();
  }

  /** Sends what may be sent. To be called after each change of the outbox. */
  pump(): void {
    const { connection } = this;
    if (!connection) return;
    for (const item of ready(this.hub.getSnapshot().outbox)) {
      if (this.inFlight >= MOST_AT_ONCE) return;
      if (this.resting.has(item.lane)) continue;
      const age = this.clock.now() - Date.parse(item.createdAt);
      if (isReplaceable(item) && age < GATHER_MS && item.attempts === 0) {
        this.rest(item.lane, GATHER_MS - Math.max(0, age));
      } else {
        this.inFlight += 1;
        void this.carryOut(item, connection).finally(() => {
          this.inFlight -= 1;
          this.pump();
        });
      }
    }
  }

  private rest(lane: string, delayMs: number): void {
    const cancel = this.clock.after(delayMs, () => {
      this.resting.delete(lane);
      this.pump();
    });
    this.resting.set(lane, cancel);
  }

  /** The message of a send whose answer was lost, where it has come by another way. */
  private arrived(item: SendItem): Message | undefined {
    const { state } = this.hub.getSnapshot();
    const chat = state?.chats.get(item.input.chatId);
    const message = state && chat?.messages.sentAs(state.me, item.id);
    const sender = message && state?.users.get(message.senderId);
    return message && sender && { ...message, sender };
  }

  private async carryOut(item: OutboxItem, connection: Connection): Promise<void> {
    this.hub.updateOutbox((outbox) => begin(outbox, item.id));
    try {
      // An attempt that no later start of this client knew of would be made again under another id.
      await this.saved();
      this.conclude(item, await this.perform(item, connection));
      if (item.error && item.error.requestId === undefined) this.events.doubtful();
    } catch (thrown) {
      await this.uploadLost(item, toChatError(thrown)).catch((reason: unknown) =>
        this.postponeOrRefuse(item, toChatError(reason), connection),
      );
    }
  }

  /**
   * The server forgets files that no message held for long: they are uploaded again then.
   *
   * @throws {ChatError} why it was refused, where that is not it, or why it is not known whether it is.
   */
  private async uploadLost({ id, files = [] }: OutboxItem, error: ChatError): Promise<void> {
    const lost: string[] = [];
    for (const { key, mediaId } of error.code === 'NOT_FOUND' ? files : []) {
      if (mediaId === undefined) continue;
      await this.request('getMedia', { params: { id: mediaId } }).catch((thrown: unknown) => {
        if (toChatError(thrown).code !== 'NOT_FOUND') throw thrown;
        lost.push(key);
      });
    }
    if (lost.length === 0) throw error;
    this.hub.updateOutbox((outbox) =>
      lost.reduce(
        (before, key) =>
          withFile(before, key, (file) => ({
            ...file,
            mediaId: undefined,
            isUploaded: undefined,
          })),
        postpone(outbox, id),
      ),
    );
  }

  private perform(item: OutboxItem, connection: Connection): Promise<Outcome> {
    if (item.command === 'createGroup') return this.createGroup(item);
    if (item.command === 'uploadFile') return this.readMedia(item);
    return this.sendCommand(withMedia(item), connection);
  }

  private async sendCommand(
    { command, input }: Pick<CommandItem, 'command' | 'input'>,
    connection: Connection,
  ): Promise<Outcome> {
    const output: CommandOutput<QueuedCommand> = await connection.command(command, input);
    return {
      output: 'message' in output ? { message: output.message } : {},
      apply: (state) => applyAcknowledgement(state, command, input, output),
      ...('message' in output && { messageId: output.message.id }),
    };
  }

  /** What a file has become that was uploaded for no message. */
  private async readMedia({ files }: OutboxItem): Promise<Outcome> {
    const id = files?.[0]?.mediaId ?? '';
    const media = await this.request('getMedia', { params: { id } });
    return { output: { media }, apply: (state) => state };
  }

  private async createGroup({
    id,
    input,
  }: Extract<OutboxItem, { command: 'createGroup' }>): Promise<Outcome> {
    const body = { type: 'group' as const, ...input, clientChatId: id };
    const chat = await this.request('createChat', { body });
    return { output: { chat }, apply: (state) => applySnapshot(state, { chats: [chat] }) };
  }

  private conclude(item: OutboxItem, { apply, output, messageId }: Outcome): void {
    const about = isSend(item) ? messageId : undefined;
    this.hub.update((model) => ({
      ...model,
      state: model.state && apply(model.state),
      outbox: finish(model.outbox, item.id, about),
    }));
    this.events.settled(item, output);
  }

  private postponeOrRefuse(item: OutboxItem, error: ChatError, connection: Connection): void {
    const info = error.toInfo();
    const isLoggedOut = error.code === 'UNAUTHENTICATED' || error.code === 'DEVICE_REVOKED';
    if (error.retryable || isLoggedOut) {
      this.hub.updateOutbox((outbox) => postpone(outbox, item.id, info));
      if (isLoggedOut) this.events.unauthenticated();
      // On the next connection it is tried at once.
      if (this.connection === connection) {
        this.rest(item.lane, error.retryAfterMs ?? backoffMs(BACKOFF, item.attempts));
      }
    } else if (onRefusal(item) !== 'dropped') {
      this.hub.updateOutbox((outbox) => fail(outbox, item.id, info));
      this.events.failed(item, info);
    } else {
      this.hub.updateOutbox((outbox) => discard(outbox, item.id));
      this.events.dropped(item, info);
    }
  }
}

/** Where it has files, naming what they have become. */
function withMedia(item: CommandItem): CommandItem {
  const mediaIds = item.files?.flatMap(({ mediaId }) => mediaId ?? []);
  if (!mediaIds) return item;
  if (item.command === 'sendMedia') return { ...item, input: { ...item.input, mediaIds } };
  return item.command === 'sendEncryptedMessage'
    ? { ...item, input: { ...item.input, mediaIds } }
    : item;
}
