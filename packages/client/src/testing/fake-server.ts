import type {
  Chat,
  CommandInput,
  CommandName,
  CommandOutput,
  Message,
  User,
} from '@natter/protocol';
import type { ChatClientOptions } from '../client.js';
import { ChatError, unreachable } from '../errors.js';
import { newId } from '../ids.js';
import type { Connect } from '../transport/connection.js';
import { uploadsBy } from '../uploads/uploads-by.js';
import { refuse } from './fake-chats.js';
import { type FakeClock, fakeClock } from './fake-clock.js';
import { FakeCommands } from './fake-commands.js';
import { answerRequest } from './fake-routes.js';
import { type FakeConnection, FakeWorld } from './fake-world.js';

const BROKEN = {
  code: 'INTERNAL',
  message: 'The fake server is told to fail',
  retryable: true,
  requestId: 'fake',
} as const;

/** What goes wrong with a command, as often as it says. */
export interface Fault {
  /** A command, or the upload of a file, of which half arrives before it fails. */
  readonly command: CommandName | 'upload';
  /**
   * `refused`: it is answered with `error`. `lost`: nothing of it arrives. `unanswered`: it is carried out, and the answer
   * is lost. After the last two the connection ends, but for uploads, of which both only fail for now.
   */
  readonly kind: 'refused' | 'lost' | 'unanswered';
  readonly error?: ConstructorParameters<typeof ChatError>[0];
  readonly times?: number;
}

/**
 * A server in memory, for tests of what is built on this package: accounts without passwords, direct chats and groups,
 * messages with edits, deletions, reactions and files, marks and typing. It keeps to the numbers of the real one, so that a client
 * cannot tell it apart; what it does not have it refuses as `INVALID`.
 */
export class FakeServer {
  readonly clock: FakeClock;
  /** Every command that arrived, in its order. */
  readonly received: { readonly command: CommandName; readonly input: unknown }[] = [];
  private readonly world: FakeWorld;
  private readonly commands: FakeCommands;
  private readonly faults: { fault: Fault; left: number }[] = [];
  private isDown = false;

  constructor({ clock = fakeClock() }: { readonly clock?: FakeClock } = {}) {
    this.clock = clock;
    this.world = new FakeWorld(clock);
    this.commands = new FakeCommands(this.world);
  }

  /** A new user, and the options by which a client is his. */
  addUser(username: string): { readonly user: User; readonly options: ChatClientOptions } {
    const user = this.world.addUser(username);
    return {
      user,
      options: {
        url: 'http://fake',
        auth: { getToken: () => Promise.resolve(user.id) },
        clock: this.clock,
        connect: this.connect,
        fetch: this.fetch,
        uploads: uploadsBy(this.world.media.transfer(() => this.upload())),
      },
    };
  }

  addChat(members: readonly User[], title?: string): Chat {
    return this.world.addChat(members, title).view(members[0] ?? refuse('INVALID'));
  }

  /** Sends a message as a user who has no client. */
  send(sender: User, chatId: string, text: string): Message {
    const chat = this.world.chatOf(chatId, sender);
    const input = {
      chatId: chat.id,
      clientMessageId: newId(),
      text,
      mentions: undefined,
      replyToId: undefined,
    };
    const { message } = chat.send(sender, input, this.world.now());
    this.world.tell(chat.entries.at(-1), chat.members);
    return message;
  }

  /** The next commands of a kind go wrong. */
  fail(fault: Fault): void {
    this.faults.push({ fault, left: fault.times ?? 1 });
  }

  /** Cuts all connections, of one user where one is named. */
  cut(user?: User): void {
    for (const connection of this.world.connections) {
      if (!user || connection.user.id === user.id) this.end(connection);
    }
  }

  /** Cuts all connections and lets no new one in, until `rise`. */
  fall(): void {
    this.isDown = true;
    this.cut();
  }

  rise(): void {
    this.isDown = false;
  }

  private readonly connect: Connect = async (_url, token, events) => {
    await Promise.resolve();
    const user = this.world.users.get(token);
    if (this.isDown) throw unreachable();
    if (!user) return refuse('UNAUTHENTICATED');
    const connection: FakeConnection = { user, events, isOpen: true };
    this.world.connections.add(connection);
    return {
      command: async (name, input) => {
        await Promise.resolve();
        return this.command(connection, name, input);
      },
      tell: (name, input) => {
        if (!connection.isOpen) return;
        this.received.push({ command: name, input });
        this.commands.carryOut(connection, name, input);
      },
      close: () => {
        connection.isOpen = false;
        this.world.connections.delete(connection);
      },
    };
  };

  private command<K extends CommandName>(
    connection: FakeConnection,
    name: K,
    input: CommandInput<K>,
  ): CommandOutput<K> {
    if (!connection.isOpen) throw unreachable();
    const { kind, error = BROKEN } = this.nextFault(name) ?? {};
    this.received.push({ command: name, input });
    if (kind === 'refused') throw new ChatError(error);
    if (kind === 'lost') {
      this.end(connection);
      throw unreachable();
    }
    const output = this.commands.carryOut(connection, name, input);
    if (kind === 'unanswered') {
      this.end(connection);
      throw unreachable();
    }
    return output;
  }

  private upload(): void {
    const { kind, error = BROKEN } = this.nextFault('upload') ?? {};
    if (this.isDown || (kind !== undefined && kind !== 'refused')) throw unreachable();
    if (kind === 'refused') throw new ChatError(error);
  }

  private nextFault(name: Fault['command']): Fault | undefined {
    const next = this.faults.find(({ fault, left }) => fault.command === name && left > 0);
    if (next) next.left -= 1;
    return next?.fault;
  }

  private end(connection: FakeConnection): void {
    if (!connection.isOpen) return;
    connection.isOpen = false;
    this.world.connections.delete(connection);
    queueMicrotask(() => connection.events.lost());
  }

  private readonly fetch: typeof fetch = async (input, init) => {
    await Promise.resolve();
    if (this.isDown) throw new TypeError('The fake server is down');
    return answerRequest(this.world, new URL(input instanceof Request ? input.url : input), init);
  };
}
