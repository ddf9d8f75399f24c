import { resolve } from 'node:path';
import { LIVE_SUFFIX, type RunFile } from '../ledger/run-file.js';
import { type Cast, type Person, type RoomPlan, type StagedRoom, stage } from './cast.js';
import { Connection } from './connection.js';
import { inParallel } from './in-parallel.js';
import { LedgerFolder } from './ledger-folder.js';
import { Listener } from './listener.js';
import { LoadClient, type Outcome } from './load-client.js';
import { type LoggedIn, NatterApi } from './natter-api.js';
import type { ReplayOptions } from './options.js';
import { paceOf } from './pace.js';
import type { Progress } from './progress.js';
import { readRooms, type SourceLine, type SourceRoom } from './source-rooms.js';

const CONNECTIONS_AT_ONCE = 32;
const CONNECT_MS = 60_000;
/** How long the listeners may lag behind the last acknowledged line. */
const LISTENER_MS = 15_000;

/**
 * Sends the lines of the rooms as their authors. Each line of a room goes out after the one before it was answered, so
 * that the order of a room is defined; all rooms go at once.
 *
 * @returns the folder with the ledgers, for the checker.
 */
export async function replay(options: ReplayOptions, progress: Progress): Promise<string> {
  const rooms = await readRooms(options.file, options.rooms);
  const folder = await LedgerFolder.open(options.ledgers);
  progress.say(`Ledgers in ${folder.path}`);
  const run = new Run(options, folder, progress);
  await run.perform(await run.stage(rooms), rooms);
  return folder.path;
}

/** The connections and files of one replay. */
class Run {
  private readonly api: NatterApi;
  private readonly connections: Connection[] = [];
  private readonly listeners: Listener[] = [];
  private readonly files: { close(): Promise<void> }[] = [];
  private failed = false;

  constructor(
    private readonly options: ReplayOptions,
    private readonly folder: LedgerFolder,
    private readonly progress: Progress,
  ) {
    this.api = new NatterApi([options.url]);
  }

  async stage(rooms: readonly SourceRoom[]): Promise<Cast> {
    let registered = 0;
    const cast = await stage(this.api, rooms.map(planOf), () => {
      registered += 1;
      if (registered % 100 === 0) this.progress.say(`Registered ${registered} people`);
    });
    await this.folder.writeRunFile(this.describe(cast));
    this.progress.say(`Registered ${registered} people in ${cast.rooms.length} rooms`);
    return cast;
  }

  async perform({ people, rooms }: Cast, sources: readonly SourceRoom[]): Promise<void> {
    try {
      const clients = new Map(
        await inParallel([...people], CONNECTIONS_AT_ONCE, async ([nick, person]) => {
          return [nick, await this.connectClient(person)] as const;
        }),
      );
      const listeners = await inParallel(rooms, CONNECTIONS_AT_ONCE, (room, index) =>
        this.listen(room, index),
      );
      this.progress.start(sources.reduce((lines, room) => lines + room.lines.length, 0));
      await inParallel(rooms, rooms.length, async (room, index) => {
        const lastSeq = await this.replayRoom(room, sources[index]?.lines ?? [], clients);
        await listeners[index]?.whenReceived(lastSeq, LISTENER_MS);
      });
    } finally {
      this.progress.stop();
      await this.close();
    }
  }

  /** Resolves with the last acknowledged `seq`. A line given up ends the room: its order would be undefined. */
  private async replayRoom(
    room: StagedRoom,
    lines: readonly SourceLine[],
    clients: ReadonlyMap<string, LoadClient>,
  ): Promise<number> {
    const pace = paceOf(this.options.speed, lines[0]?.at ?? '');
    let lastSeq = room.lastSeq;
    for (const source of lines) {
      if (this.failed) break;
      await pace(source.at);
      const outcome = await this.deliver(source, room.chatId, clients);
      this.progress.count(outcome.type);
      if (outcome.type === 'ok') lastSeq = outcome.seq;
      if (outcome.type === 'unknown') {
        this.warn(`Gave up ${room.room} at line ${source.line}: the server does not answer`);
        break;
      }
    }
    return lastSeq;
  }

  private async deliver(
    { nick, room, line, text }: SourceLine,
    chatId: string,
    clients: ReadonlyMap<string, LoadClient>,
  ): Promise<Outcome> {
    try {
      const client = clients.get(nick);
      if (!client) throw new Error(`${nick} has no connection`);
      return await client.deliver({ room, chatId, line, text });
    } catch (error) {
      // A ledger that cannot be written: nothing sent from here on could be judged.
      this.failed = true;
      throw error;
    }
  }

  private async connect(person: LoggedIn): Promise<Connection> {
    const connection = new Connection([this.options.url], this.api, person, this.warn);
    this.connections.push(connection);
    if (await connection.whenConnected(CONNECT_MS)) return connection;
    throw new Error(`Unable to connect ${person.username} to ${this.options.url}`);
  }

  private async connectClient(person: Person): Promise<LoadClient> {
    const ledger = await this.folder.createLedger(person.username);
    this.files.push(ledger);
    return new LoadClient(person.username, await this.connect(person), ledger);
  }

  private async listen({ host, chatId, lastSeq }: StagedRoom, index: number): Promise<Listener> {
    const file = await this.folder.createLiveFile(liveFileName(index));
    this.files.push(file);
    const connection = await this.connect(host);
    const listener = new Listener(chatId, lastSeq, connection, this.api, file, this.warn);
    this.listeners.push(listener);
    return listener;
  }

  private async close(): Promise<void> {
    for (const connection of this.connections) connection.close();
    await Promise.all(this.listeners.map((listener) => listener.written()));
    await Promise.all(this.files.map((file) => file.close()));
  }

  private readonly warn = (warning: string): void => this.progress.say(warning);

  private describe({ runId, people, rooms }: Cast): RunFile {
    return {
      runId,
      url: this.options.url,
      file: resolve(this.options.file),
      startedAt: new Date().toISOString(),
      order: 'room',
      people: Array.from(people.values(), ({ nick, username, userId }) => ({
        nick,
        username,
        userId,
      })),
      rooms: rooms.map(({ room, chatId, lastSeq, host: { username, password } }, index) => ({
        room,
        chatId,
        liveFiles: [liveFileName(index)],
        liveAfterSeq: lastSeq,
        member: { username, password },
      })),
    };
  }
}

function planOf({ room, lines }: SourceRoom): RoomPlan {
  return { room, nicks: [...new Set(lines.map(({ nick }) => nick))] };
}

function liveFileName(roomIndex: number): string {
  return `room-${roomIndex + 1}${LIVE_SUFFIX}`;
}
