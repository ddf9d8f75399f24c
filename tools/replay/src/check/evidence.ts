import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { LedgerLine, LiveLine } from '../ledger/ledger-line.js';
import { LEDGER_SUFFIX, RUN_FILE, RunFile } from '../ledger/run-file.js';

/** All that the replaying process left behind. */
export interface Evidence {
  readonly run: RunFile;
  /** Of all clients; in order within one `clientMessageId`. */
  readonly ledger: readonly LedgerLine[];
  /** What the listening devices of each room received, by room. */
  readonly live: ReadonlyMap<string, readonly (readonly LiveLine[])[]>;
}

async function readJsonLines<T extends z.core.$ZodType>(
  path: string,
  schema: T,
): Promise<z.output<T>[]> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  // After the last line feed stands nothing, or what a killed process had not finished: that line was never flushed.
  return lines.slice(0, -1).map((line, index) => {
    try {
      return z.parse(schema, JSON.parse(line));
    } catch (cause) {
      throw new Error(`Unable to read line ${index + 1} of ${path}`, { cause });
    }
  });
}

/** Reads a ledger folder. @throws where anything in it does not fit its schema. */
export async function readEvidence(folder: string): Promise<Evidence> {
  const run = z.parse(RunFile, JSON.parse(await readFile(join(folder, RUN_FILE), 'utf8')));
  const names = (await readdir(folder)).filter((name) => name.endsWith(LEDGER_SUFFIX));
  const ledger = await Promise.all(
    names.map((name) => readJsonLines(join(folder, name), LedgerLine)),
  );
  const live = await Promise.all(
    run.rooms.map(async ({ room, liveFiles }) => {
      const files = liveFiles.map((name) => readJsonLines(join(folder, name), LiveLine));
      return [room, await Promise.all(files)] as const;
    }),
  );
  return { run, ledger: ledger.flat(), live: new Map(live) };
}
