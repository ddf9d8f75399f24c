import * as z from 'zod/mini';

/** The files of a ledger folder. */
export const RUN_FILE = 'run.json';
export const LEDGER_SUFFIX = '.ledger.jsonl';
export const LIVE_SUFFIX = '.live.jsonl';

const RoomOfRun = z.object({
  room: z.string(),
  chatId: z.string(),
  /** The files in which the room's listening devices wrote down what they received, one each. */
  liveFiles: z.array(z.string()),
  /** Each of those devices promises to have received every entry above this `seq`. */
  liveAfterSeq: z.int(),
  /** A member as whom a fresh device can log in; a throw-away account of this run. */
  member: z.object({ username: z.string(), password: z.string() }),
});
export type RoomOfRun = z.output<typeof RoomOfRun>;

/** `run.json`: what a checker must know beside the ledgers. Written before the first line is sent. */
export const RunFile = z.object({
  runId: z.string(),
  url: z.string(),
  /** The absolute path of the source file. */
  file: z.string(),
  startedAt: z.iso.datetime({ precision: 3 }),
  /** Whose lines were sent one after the other: those of a room, or those of a person in a room. */
  order: z.enum(['room', 'person']),
  people: z.array(z.object({ nick: z.string(), username: z.string(), userId: z.string() })),
  rooms: z.array(RoomOfRun).check(z.minLength(1)),
});
export type RunFile = z.output<typeof RunFile>;
