import {
  type Guard,
  isBoolean,
  isListOf,
  isMaybe,
  isNumber,
  isObjectOf,
  isOneOf,
  isString,
} from '../guards.js';

/** `natter` is checked for what it stored; `raw` stores nothing. */
export type Target = 'natter' | 'raw';

/** A chat, as the generator knows it. */
export interface Room {
  readonly chatId: string;
  /** One access token for each member. */
  readonly tokens: readonly string[];
}

export interface OpenRooms {
  readonly target: Target;
  readonly url: string;
  readonly rooms: readonly Room[];
  readonly bodyBytes: number;
  /** Whether each message goes to all other members; otherwise it is only answered. */
  readonly delivers: boolean;
}

/** Which processes' CPU time a load is told with. */
export interface Watched {
  readonly serverId: number;
  /** The main process of the database behind it, where there is one. */
  readonly databaseId?: number | undefined;
}

export interface ClosedLoop extends Watched {
  readonly target: Target;
  /** Messages on their way at any time, over all connections. */
  readonly outstanding: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** What happened between two readings of the same counters. */
export interface LoadFigures {
  readonly seconds: number;
  readonly acknowledged: number;
  readonly delivered: number;
  readonly serverCpuSeconds: number;
  readonly databaseCpuSeconds: number;
  readonly generatorCpuSeconds: number;
  /** Of the whole run, warm-up and drain included, for the comparison with what the database counts. */
  readonly run: RunCounts;
}

export interface RunCounts {
  readonly acknowledged: number;
  /** Copies that arrived at other members. */
  readonly delivered: number;
  /** Copies that the acknowledged messages are due to bring: as many as are delivered, once all is drained. */
  readonly due: number;
  /** What came beside the messages, such as marks that moved. */
  readonly otherEvents: number;
  readonly refused: number;
  /** The first refusal as it came; empty where there was none. */
  readonly refusal: string;
}

export interface PacedLoop {
  readonly target: Target;
  readonly ratePerSecond: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface LatencyFigures {
  readonly messages: number;
  readonly seconds: number;
  /** From the call that sends to each arrival at another member. */
  readonly deliveryP50Ms: number;
  readonly deliveryP99Ms: number;
  readonly acknowledgementP50Ms: number;
  readonly acknowledgementP99Ms: number;
  readonly run: RunCounts;
}

export interface Verify {
  readonly url: string;
}

/** What the logs of all chats hold, against what was acknowledged. */
export interface Verification {
  readonly acknowledged: number;
  /** Acknowledged messages found once, with the id and seq of their acknowledgement. */
  readonly stored: number;
  /** Messages in the logs that nobody acknowledged, or that are there again. */
  readonly unexpected: number;
  readonly seconds: number;
}

export interface CloseRooms {
  readonly target: Target;
}

export interface OpenClients {
  readonly url: string;
  /** Of the users, who share the connections evenly. */
  readonly tokens: readonly string[];
  readonly connections: number;
}

export interface Reconnect extends Watched {
  /** Of the one message that was sent since the clients were cut. */
  readonly missedId: string;
}

export interface StormFigures {
  readonly clients: number;
  /** Clients to whom their first sync brought what they had missed. */
  readonly caughtUp: number;
  readonly halfLiveMs: number;
  readonly allLiveMs: number;
  /** Attempts that failed and were made again. */
  readonly refused: number;
  /** The first of them; empty where there was none. */
  readonly refusal: string;
  readonly serverCpuSeconds: number;
  readonly databaseCpuSeconds: number;
}

export interface Opened {
  readonly connections: number;
  readonly seconds: number;
}

export interface HttpReads extends Watched {
  readonly url: string;
  /** Whoever asks, in turn. */
  readonly tokens: readonly string[];
  /** What is asked for, in turn. */
  readonly paths: readonly string[];
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface OpenSync {
  readonly url: string;
  readonly tokens: readonly string[];
}

export interface SyncRuns extends Watched {
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Messages that each run of pages has to bring. */
  readonly messages: number;
  /** Of a page. */
  readonly limit: number;
}

export interface ReadFigures {
  readonly answers: number;
  /** Answers that were refusals, or other than the first to the same question. */
  readonly wrong: number;
  /** The first of them, shortened; empty where there was none. */
  readonly wrongAnswer: string;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly bytes: number;
  readonly serverCpuSeconds: number;
  readonly databaseCpuSeconds: number;
}

/** Everything that the generator can be told to do. */
export interface Operations {
  openRooms: { readonly input: OpenRooms; readonly output: Opened };
  closedLoop: { readonly input: ClosedLoop; readonly output: LoadFigures };
  pacedLoop: { readonly input: PacedLoop; readonly output: LatencyFigures };
  verify: { readonly input: Verify; readonly output: Verification };
  closeRooms: { readonly input: CloseRooms; readonly output: object };
  openIdle: { readonly input: OpenClients; readonly output: Opened };
  closeIdle: { readonly input: object; readonly output: object };
  httpReads: { readonly input: HttpReads; readonly output: ReadFigures };
  openSync: { readonly input: OpenSync; readonly output: Opened };
  syncRuns: { readonly input: SyncRuns; readonly output: ReadFigures };
  closeSync: { readonly input: object; readonly output: object };
  openStorm: { readonly input: OpenClients; readonly output: Opened };
  cutStorm: { readonly input: object; readonly output: object };
  reconnectStorm: { readonly input: Reconnect; readonly output: StormFigures };
  closeStorm: { readonly input: object; readonly output: object };
}

export type OperationName = keyof Operations;

const isTarget = isOneOf<Target>('natter', 'raw');
const isRunCounts = isObjectOf<RunCounts>({
  acknowledged: isNumber,
  delivered: isNumber,
  due: isNumber,
  otherEvents: isNumber,
  refused: isNumber,
  refusal: isString,
});
const isReadFigures = isObjectOf<ReadFigures>({
  answers: isNumber,
  wrong: isNumber,
  wrongAnswer: isString,
  seconds: isNumber,
  p50Ms: isNumber,
  p99Ms: isNumber,
  maxMs: isNumber,
  bytes: isNumber,
  serverCpuSeconds: isNumber,
  databaseCpuSeconds: isNumber,
});
const isOpenClients = isObjectOf<OpenClients>({
  url: isString,
  tokens: isListOf(isString),
  connections: isNumber,
});
const isOpened = isObjectOf<Opened>({ connections: isNumber, seconds: isNumber });

export const isInput: { readonly [K in OperationName]: Guard<Operations[K]['input']> } = {
  openRooms: isObjectOf<OpenRooms>({
    target: isTarget,
    url: isString,
    rooms: isListOf(isObjectOf<Room>({ chatId: isString, tokens: isListOf(isString) })),
    bodyBytes: isNumber,
    delivers: isBoolean,
  }),
  closedLoop: isObjectOf<ClosedLoop>({
    target: isTarget,
    outstanding: isNumber,
    warmUpMs: isNumber,
    measureMs: isNumber,
    serverId: isNumber,
    databaseId: isMaybe(isNumber),
  }),
  pacedLoop: isObjectOf<PacedLoop>({
    target: isTarget,
    ratePerSecond: isNumber,
    warmUpMs: isNumber,
    measureMs: isNumber,
  }),
  verify: isObjectOf<Verify>({ url: isString }),
  closeRooms: isObjectOf<CloseRooms>({ target: isTarget }),
  openIdle: isOpenClients,
  closeIdle: isObjectOf<object>({}),
  httpReads: isObjectOf<HttpReads>({
    url: isString,
    tokens: isListOf(isString),
    paths: isListOf(isString),
    concurrency: isNumber,
    warmUpMs: isNumber,
    measureMs: isNumber,
    serverId: isNumber,
    databaseId: isMaybe(isNumber),
  }),
  openSync: isObjectOf<OpenSync>({ url: isString, tokens: isListOf(isString) }),
  syncRuns: isObjectOf<SyncRuns>({
    concurrency: isNumber,
    warmUpMs: isNumber,
    measureMs: isNumber,
    messages: isNumber,
    limit: isNumber,
    serverId: isNumber,
    databaseId: isMaybe(isNumber),
  }),
  closeSync: isObjectOf<object>({}),
  openStorm: isOpenClients,
  cutStorm: isObjectOf<object>({}),
  reconnectStorm: isObjectOf<Reconnect>({
    missedId: isString,
    serverId: isNumber,
    databaseId: isMaybe(isNumber),
  }),
  closeStorm: isObjectOf<object>({}),
};

export const isOutput: { readonly [K in OperationName]: Guard<Operations[K]['output']> } = {
  openRooms: isOpened,
  closedLoop: isObjectOf<LoadFigures>({
    seconds: isNumber,
    acknowledged: isNumber,
    delivered: isNumber,
    serverCpuSeconds: isNumber,
    databaseCpuSeconds: isNumber,
    generatorCpuSeconds: isNumber,
    run: isRunCounts,
  }),
  pacedLoop: isObjectOf<LatencyFigures>({
    messages: isNumber,
    seconds: isNumber,
    deliveryP50Ms: isNumber,
    deliveryP99Ms: isNumber,
    acknowledgementP50Ms: isNumber,
    acknowledgementP99Ms: isNumber,
    run: isRunCounts,
  }),
  verify: isObjectOf<Verification>({
    acknowledged: isNumber,
    stored: isNumber,
    unexpected: isNumber,
    seconds: isNumber,
  }),
  closeRooms: isObjectOf<object>({}),
  openIdle: isOpened,
  closeIdle: isObjectOf<object>({}),
  httpReads: isReadFigures,
  openSync: isOpened,
  syncRuns: isReadFigures,
  closeSync: isObjectOf<object>({}),
  openStorm: isOpened,
  cutStorm: isObjectOf<object>({}),
  reconnectStorm: isObjectOf<StormFigures>({
    clients: isNumber,
    caughtUp: isNumber,
    halfLiveMs: isNumber,
    allLiveMs: isNumber,
    refused: isNumber,
    refusal: isString,
    serverCpuSeconds: isNumber,
    databaseCpuSeconds: isNumber,
  }),
  closeStorm: isObjectOf<object>({}),
};

/** One message to the generator's process. */
export interface Request {
  readonly id: number;
  readonly operation: OperationName;
  readonly input: unknown;
}

/** The answer to a request; without `failure` it was carried out. */
export interface Reply {
  readonly id: number;
  readonly output?: unknown;
  readonly failure?: string | undefined;
}

function isAnything(_value: unknown): _value is unknown {
  return true;
}

export const isRequest = isObjectOf<Request>({
  id: isNumber,
  operation: isOneOf<OperationName>(
    'openRooms',
    'closedLoop',
    'pacedLoop',
    'verify',
    'closeRooms',
    'openIdle',
    'closeIdle',
    'httpReads',
    'openSync',
    'syncRuns',
    'closeSync',
    'openStorm',
    'cutStorm',
    'reconnectStorm',
    'closeStorm',
  ),
  input: isAnything,
});

export const isReply = isObjectOf<Reply>({
  id: isNumber,
  output: isAnything,
  failure: isMaybe(isString),
});
