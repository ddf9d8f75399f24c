import { randomUUID } from 'node:crypto';
import { History, routes, SearchPage, type Session } from '@natter/protocol';
import { mapSome } from '../concurrency.js';
import type { ReadFigures, Watched } from '../generator/contract.js';
import { getJson, postJson } from '../http.js';
import { say } from '../progress.js';
import { fillReadable, QUERIES, type ReadableChats } from '../reads/fill.js';
import { untilIndexed } from '../reads/indexed.js';
import { measureRead, type ReadMeasurement } from '../reads/measurement.js';
import type { NatterStage, Stage } from '../stage.js';

/** So many people share the reading, that the rate limits let them. */
const READERS = 16;
const CHATS = 1000;
const MESSAGES_EACH = 20;
const BIG_CHAT_MESSAGES = 100_000;
const PAGE = 50;
const MISSED = 1000;
const SYNC_PAGE = 500;
const SENDING_AT_ONCE = 16;
const WARM_UP_MS = 500;
/** How many ask at once where it is not said. */
const CONCURRENCIES: readonly number[] = [1, 8];

export type ReadName = 'newestPage' | 'oldPage' | 'chatList' | 'search' | 'sync';

export interface ReadsFigures {
  readonly chats: number;
  readonly bigChatMessages: number;
  readonly missed: number;
  readonly measurements: readonly ReadMeasurement<ReadName>[];
}

/** Registers so many people. */
export type Register = (url: string, count: number) => Promise<Session[]>;

export interface ReadsOptions {
  readonly register: Register;
  readonly repetitions: number;
  readonly measureMs: number;
  readonly concurrencies?: readonly number[];
}

/** People with many chats and much to read, and one who writes to them. */
export interface ReadersWorld extends ReadableChats {
  readonly readers: readonly Session[];
  readonly writer: Session;
}

function expectCount(what: string, count: number, expected: number): void {
  if (count !== expected) throw new Error(`${what} has ${count} items instead of ${expected}`);
}

/** Registers people and fills their chats; the server that is resolved has been started after that. */
export async function prepareReaders(
  stage: Stage,
  register: Register,
): Promise<{ world: ReadersWorld; natter: NatterStage }> {
  const first = await stage.startNatter([]);
  const sessions = await register(first.url, READERS + 1);
  const [writer, ...readers] = sessions;
  if (!writer) throw new Error('Unable to read; nobody is there');
  say(`filling ${CHATS} chats, and one of ${BIG_CHAT_MESSAGES} messages`);
  const client = await stage.connectDatabase(first);
  const chats = await fillReadable(client, {
    memberIds: sessions.map(({ user }) => user.id),
    chats: CHATS,
    messagesEach: MESSAGES_EACH,
    bigChatMessages: BIG_CHAT_MESSAGES,
  });
  await client.end();
  await first.child.end();
  const natter = await stage.startNatter([]);
  await settle(stage, natter);
  return { world: { ...chats, readers, writer }, natter };
}

/** Waits until all is indexed, and leaves the database no work of its own. */
export async function settle(stage: Stage, natter: NatterStage): Promise<void> {
  const client = await stage.connectDatabase(natter);
  say('waiting until the server has indexed what is new');
  await untilIndexed(client);
  await client.query('vacuum analyze');
  await client.query('checkpoint');
  await client.end();
}

/** Writes one message in each of so many chats. */
export async function writeInEach(
  { url }: NatterStage,
  { chatIds, writer }: ReadersWorld,
): Promise<void> {
  await mapSome(chatIds.slice(0, MISSED), SENDING_AT_ONCE, (chatId) =>
    postJson(
      url,
      `/v1/chats/${chatId}/messages`,
      { kind: 'text', text: 'What you have missed', clientMessageId: randomUUID() },
      () => undefined,
      writer.accessToken,
    ),
  );
}

/** Reads from chats that are large and many. */
export class ReadsScenario {
  private readonly watched: Watched;
  private readonly tokens: readonly string[];

  constructor(
    private readonly stage: Stage,
    private readonly natter: NatterStage,
    private readonly world: ReadersWorld,
    private readonly options: Omit<ReadsOptions, 'register'>,
  ) {
    this.watched = {
      serverId: natter.child.processId,
      databaseId: natter.postgres?.processId,
    };
    this.tokens = world.readers.map(({ accessToken }) => accessToken);
  }

  async run(): Promise<ReadsFigures> {
    const { bigChatId } = this.world;
    const page = `/v1/chats/${bigChatId}/messages?limit=${PAGE}`;
    const old = `${page}&before=${BIG_CHAT_MESSAGES / 2}`;
    const list = `/v1/chats?limit=${PAGE}`;
    await this.checkAnswers(page, old, list);
    const measurements = [
      ...(await this.readHttp('newestPage', [page])),
      ...(await this.readHttp('oldPage', [old])),
      ...(await this.readHttp('chatList', [list])),
      ...(await this.readHttp('search', QUERIES.map(searchPath))),
      ...(await this.readSync()),
    ];
    return { chats: CHATS, bigChatMessages: BIG_CHAT_MESSAGES, missed: MISSED, measurements };
  }

  /** What is measured is what was asked for: the generator only looks whether an answer is like the first. */
  private async checkAnswers(page: string, old: string, list: string): Promise<void> {
    const { url } = this.natter;
    const token = this.tokens[0] ?? '';
    for (const path of [page, old]) {
      const { items } = await getJson(url, path, token, (body) => History.parse(body));
      expectCount(path, items.length, PAGE);
    }
    const { items } = await getJson(url, list, token, (body) =>
      routes.listChats.output.parse(body),
    );
    expectCount(list, items.length, PAGE);
    for (const query of QUERIES) {
      const found = await getJson(url, searchPath(query), token, (body) => SearchPage.parse(body));
      if ((found.items.length === 0) !== (query === 'nowhere')) {
        throw new Error(`The search for ${query} found ${found.items.length} messages`);
      }
    }
  }

  private async readHttp(
    name: ReadName,
    paths: readonly string[],
  ): Promise<ReadMeasurement<ReadName>[]> {
    return this.repeat(name, (concurrency) =>
      this.stage.generator.call('httpReads', {
        ...this.watched,
        url: this.natter.url,
        tokens: this.tokens,
        paths,
        concurrency,
        warmUpMs: WARM_UP_MS,
        measureMs: this.options.measureMs,
      }),
    );
  }

  private async readSync(): Promise<ReadMeasurement<ReadName>[]> {
    const { generator } = this.stage;
    await generator.call('openSync', { url: this.natter.url, tokens: this.tokens });
    await writeInEach(this.natter, this.world);
    const measurements = await this.repeat('sync', (concurrency) =>
      generator.call('syncRuns', {
        ...this.watched,
        concurrency,
        warmUpMs: WARM_UP_MS,
        measureMs: this.options.measureMs,
        messages: MISSED,
        limit: SYNC_PAGE,
      }),
    );
    await generator.call('closeSync', {});
    return measurements;
  }

  private async repeat(
    name: ReadName,
    measure: (concurrency: number) => Promise<ReadFigures>,
  ): Promise<ReadMeasurement<ReadName>[]> {
    const measurements: ReadMeasurement<ReadName>[] = [];
    const { repetitions, concurrencies = CONCURRENCIES } = this.options;
    for (const concurrency of concurrencies) {
      say(`${name}, ${concurrency} at once`);
      const read = () => measure(concurrency);
      measurements.push(await measureRead(name, concurrency, repetitions, read));
    }
    return measurements;
  }
}

function searchPath(query: string): string {
  return `/v1/search/messages?${new URLSearchParams({ query }).toString()}`;
}

/** On a fresh server. */
export async function runReads(stage: Stage, options: ReadsOptions): Promise<ReadsFigures> {
  const { world, natter } = await prepareReaders(stage, options.register);
  const figures = await new ReadsScenario(stage, natter, world, options).run();
  await natter.child.end();
  return figures;
}
