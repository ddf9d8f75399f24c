import { resolve } from 'node:path';
import type { ChatClient } from '@natter/client';
import { LIVE_SUFFIX, type RunFile } from '../ledger/run-file.js';
import { type Cast, castOf, type Person, type StagedRoom } from './cast.js';
import { inParallel } from './in-parallel.js';
import { LedgerFolder } from './ledger-folder.js';
import { Listener } from './listener.js';
import type { ReplayOptions } from './options.js';
import { paceOf } from './pace.js';
import { whenever } from './patience.js';
import type { Progress } from './progress.js';
import { readRooms, type SourceLine, type SourceRoom } from './source-rooms.js';
import { type Outcome, Speaker } from './speaker.js';

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
  await new Run(options, folder, progress).perform(rooms);
  return folder.path;
}

/** The clients and files of one replay. */
class Run {
  private readonly clients: ChatClient[] = [];
  private readonly listeners: Listener[] = [];
  private readonly files: { close(): Promise<void> }[] = [];
  private failed = false;

  constructor(
    private readonly options: ReplayOptions,
    private readonly folder: LedgerFolder,
    private readonly progress: Progress,
  ) {}

  async perform(sources: readonly SourceRoom[]): Promise<void> {
    try {
      const { people, rooms } = await this.stage(sources);
      const listeners = await inParallel(rooms, rooms.length, (room, index) =>
        this.listen(room, index),
      );
      for (const client of this.clients) await this.untilLive(client);
      this.progress.start(rooms.reduce((lines, room) => lines + room.lines.length, 0));
      await inParallel(rooms, rooms.length, async (room, index) => {
        const lastSeq = await this.replayRoom(room, people);
        await listeners[index]?.whenReceived(lastSeq, LISTENER_MS);
      });
    } finally {
      this.progress.stop();
      await this.close();
    }
  }

  private async stage(rooms: readonly SourceRoom[]): Promise<Cast> {
    let registered = 0;
    const cast = await castOf(rooms, {
      url: this.options.url,
      openSpeaker: async (username) => {
        const ledger = await this.folder.createLedger(username);
        this.files.push(ledger);
        return new Speaker(this.options.url, username, ledger);
      },
      onClient: (client) => this.clients.push(client),
      onRegistered: () => {
        registered += 1;
        if (registered % 100 === 0) this.progress.say(`Registered ${registered} people`);
      },
    });
    await this.folder.writeRunFile(this.describe(cast));
    this.progress.say(`Registered ${registered} people in ${cast.rooms.length} rooms`);
    return cast;
  }

  private async untilLive(client: ChatClient): Promise<void> {
    if (await whenever(client.connection, ({ status }) => status === 'live')) return;
    throw new Error(`Unable to connect to ${this.options.url}: ${JSON.stringify(client.state)}`);
  }

  /** Resolves with the last acknowledged `seq`. A line given up ends the room: its order would be undefined. */
  private async replayRoom(room: StagedRoom, people: ReadonlyMap<string, Person>): Promise<number> {
    const pace = paceOf(this.options.speed, room.lines[0]?.at ?? '');
    let lastSeq = room.lastSeq;
    for (const source of room.lines) {
      if (this.failed) break;
      await pace(source.at);
      const outcome = await this.deliver(source, room.chat.id, people);
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
    people: ReadonlyMap<string, Person>,
  ): Promise<Outcome> {
    try {
      const speaker = people.get(nick)?.speaker;
      if (!speaker) throw new Error(`${nick} has no client`);
      return await speaker.deliver({ room, chatId, line, text });
    } catch (error) {
      // A ledger that cannot be written: nothing sent from here on could be judged.
      this.failed = true;
      throw error;
    }
  }

  private async listen({ host, chat }: StagedRoom, index: number): Promise<Listener> {
    const file = await this.folder.createLiveFile(liveFileName(index));
    this.files.push(file);
    const listener = new Listener(host.client, chat, file, this.warn);
    this.listeners.push(listener);
    return listener;
  }

  private async close(): Promise<void> {
    for (const client of this.clients) client.disconnect();
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
      rooms: rooms.map(({ room, chat, lastSeq, host: { username, password } }, index) => ({
        room,
        chatId: chat.id,
        liveFiles: [liveFileName(index)],
        liveAfterSeq: lastSeq,
        member: { username, password },
      })),
    };
  }
}

function liveFileName(roomIndex: number): string {
  return `room-${roomIndex + 1}${LIVE_SUFFIX}`;
}
