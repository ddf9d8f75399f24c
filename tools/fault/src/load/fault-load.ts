import { randomBytes, randomInt } from 'node:crypto';
import { LedgerFolder } from '@natter/replay';
import { type Cast, type Person, type StagedRoom, stage } from '../clients/cast.js';
import { Connection } from '../clients/connection.js';
import { Listener } from '../clients/listener.js';
import { LoadClient } from '../clients/load-client.js';
import { type LoggedIn, NatterApi } from '../clients/natter-api.js';
import { SourceFile } from './source-file.js';

const CONNECT_MS = 60_000;
/** How long a listener may lag behind the last message: longer than it takes to notice a half-open connection. */
const LISTENER_MS = 120_000;
/** Bytes of noise in a message, at most: enough that frames and pages differ in size. */
const MOST_NOISE = 200;
const LIVE_SUFFIX = '.live.jsonl';

/** Who talks where. */
export interface LoadPlan {
  /** Where the checker finds the server. */
  readonly url: string;
  /** Where the clients find its nodes, in turn: past a proxy, for one. */
  readonly urls: readonly string[];
  /** Those who send; each is in one room. */
  readonly people: number;
  readonly rooms: number;
  /** Devices in each room that write down all they receive; no more than a room has people. */
  readonly listeners: number;
  /** A new or empty folder; without it a new one for temporary files. */
  readonly ledgers?: string | undefined;
  /** Told of what is out of the ordinary and goes on all the same. */
  readonly warn: (warning: string) => void;
}

/**
 * People who send one message after the other for as long as they are let, each under its own id until it is acknowledged
 * or refused, and devices that listen. All of it is written to ledgers as in a replay, before and after each call, so that
 * the same checker judges it. It needs nothing of the server but its two doors.
 */
export class FaultLoad {
  private readonly connections: Connection[] = [];
  private readonly listeners: { readonly chatId: string; readonly device: Listener }[] = [];
  private readonly files: { close(): Promise<void> }[] = [];
  private readonly lastSeqs = new Map<string, number>();
  private senders: Promise<void>[] = [];
  private isStopped = false;
  private count = 0;

  private constructor(
    private readonly plan: LoadPlan,
    private readonly api: NatterApi,
    private readonly folder: LedgerFolder,
    private readonly source: SourceFile,
  ) {
    this.files.push(source);
  }

  /** Makes the accounts, the groups and the ledgers, connects everybody, and lets them talk. */
  static async start(plan: LoadPlan): Promise<FaultLoad> {
    const folder = await LedgerFolder.open(plan.ledgers);
    const source = await SourceFile.create(folder.path);
    const load = new FaultLoad(plan, new NatterApi(plan.urls), folder, source);
    await load.begin();
    return load;
  }

  /** The folder that the checker judges. */
  get ledgers(): string {
    return this.folder.path;
  }

  /** Messages that were acknowledged so far. */
  get acknowledged(): number {
    return this.count;
  }

  /**
   * Ends the talk. Resolves when every message was acknowledged, refused or given up, and the listeners have heard the last
   * one, or do not get to hear it.
   */
  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.senders);
    await Promise.all(
      this.listeners.map(({ chatId, device }) =>
        device.whenReceived(this.lastSeqs.get(chatId) ?? 0, LISTENER_MS),
      ),
    );
    for (const connection of this.connections) connection.close();
    await Promise.all(this.listeners.map(({ device }) => device.written()));
    await Promise.all(this.files.map((file) => file.close()));
  }

  private async begin(): Promise<void> {
    const rooms = Array.from({ length: this.plan.rooms }, (_, room) => ({
      room: `room ${room + 1}`,
      nicks: Array.from({ length: this.plan.people }, (_, person) => `person${person + 1}`).filter(
        (_, person) => person % this.plan.rooms === room,
      ),
    }));
    const cast = await stage(this.api, rooms, () => undefined);
    await this.folder.writeRunFile(this.describe(cast));
    for (const room of cast.rooms) {
      for (const [index, person] of this.peopleIn(room, cast).entries()) {
        if (index < this.plan.listeners) await this.listen(room, person, index);
      }
    }
    const clients = [];
    for (const room of cast.rooms) {
      for (const person of this.peopleIn(room, cast)) {
        clients.push({ room, person, client: await this.connectClient(person) });
      }
    }
    this.senders = clients.map(({ room, person, client }) => this.talk(room, person, client));
  }

  private peopleIn({ nicks }: StagedRoom, { people }: Cast): Person[] {
    return nicks.flatMap((nick) => people.get(nick) ?? []);
  }

  private async talk(
    { room, chatId }: StagedRoom,
    { nick }: Person,
    client: LoadClient,
  ): Promise<void> {
    for (let number = 1; !this.isStopped; number += 1) {
      const noise = randomBytes(randomInt(MOST_NOISE)).toString('base64');
      const text = `${nick} says ${number} ${noise}`;
      const line = await this.source.append({ room, nick, text });
      const outcome = await client.deliver({ room, chatId, line, text });
      if (outcome.type !== 'ok') {
        // The checker says what that means.
        const why = outcome.type === 'fail' ? 'he was refused' : 'nobody answered';
        this.plan.warn(`${nick} stops talking: ${why}`);
        return;
      }
      this.count += 1;
      this.lastSeqs.set(chatId, Math.max(this.lastSeqs.get(chatId) ?? 0, outcome.seq));
    }
  }

  /** On a device of its own: a socket does not get what it has sent itself (FAN-1). */
  private async listen({ chatId, lastSeq }: StagedRoom, person: Person, index: number) {
    const file = await this.folder.createLiveFile(liveFileOf(chatId, index));
    this.files.push(file);
    const device = await this.connect(await this.api.login(person));
    const listener = new Listener(chatId, lastSeq, device, this.api, file, this.plan.warn);
    this.listeners.push({ chatId, device: listener });
  }

  private async connectClient(person: Person): Promise<LoadClient> {
    // What is broken here is never the machine of the clients: their ledgers need not survive its end.
    const ledger = await this.folder.createLedger(person.username, 'system');
    this.files.push(ledger);
    return new LoadClient(person.username, await this.connect(person), ledger);
  }

  /** Each begins with the next of the nodes. */
  private async connect(person: LoggedIn): Promise<Connection> {
    const { urls, warn } = this.plan;
    const first = this.connections.length % urls.length;
    const inTurn = [...urls.slice(first), ...urls.slice(0, first)];
    const connection = new Connection(inTurn, this.api, person, warn);
    this.connections.push(connection);
    if (await connection.whenConnected(CONNECT_MS)) return connection;
    throw new Error(`Unable to connect ${person.username} to ${inTurn[0]}`);
  }

  private describe({ runId, people, rooms }: Cast) {
    return {
      runId,
      url: this.plan.url,
      file: this.source.path,
      startedAt: new Date().toISOString(),
      order: 'person' as const,
      people: Array.from(people.values(), ({ nick, username, userId }) => ({
        nick,
        username,
        userId,
      })),
      rooms: rooms.map(({ room, chatId, lastSeq, nicks, host: { username, password } }) => ({
        room,
        chatId,
        liveFiles: nicks.slice(0, this.plan.listeners).map((_, index) => liveFileOf(chatId, index)),
        liveAfterSeq: lastSeq,
        member: { username, password },
      })),
    };
  }
}

function liveFileOf(chatId: string, index: number): string {
  return `${chatId}-${index + 1}${LIVE_SUFFIX}`;
}
