import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { LedgerLine, LiveLine } from '../ledger/ledger-line.js';
import { LEDGER_SUFFIX, RUN_FILE, type RunFile } from '../ledger/run-file.js';
import { type Flush, JsonLines } from './json-lines.js';

/** The folder that holds the evidence of one run. It has the passwords of the run's accounts: only its owner reads it. */
export class LedgerFolder {
  private constructor(readonly path: string) {}

  /**
   * @param path An empty folder, or one to make; without it a new one for temporary files.
   * @throws where the folder holds anything: ledgers of two runs cannot be told apart.
   */
  static async open(path: string | undefined): Promise<LedgerFolder> {
    if (path === undefined)
      return new LedgerFolder(await mkdtemp(join(tmpdir(), 'natter-replay-')));
    await mkdir(path, { recursive: true, mode: 0o700 });
    if ((await readdir(path)).length > 0) {
      throw new Error(`Unable to write ledgers to ${path}; it is not empty`);
    }
    return new LedgerFolder(resolve(path));
  }

  createLedger(client: string, flushTo: Flush = 'disk'): Promise<JsonLines<LedgerLine>> {
    return JsonLines.create(join(this.path, `${client}${LEDGER_SUFFIX}`), flushTo);
  }

  createLiveFile(name: string): Promise<JsonLines<LiveLine>> {
    return JsonLines.create(join(this.path, name), 'system');
  }

  async writeRunFile(run: RunFile): Promise<void> {
    await writeFile(join(this.path, RUN_FILE), `${JSON.stringify(run, undefined, 2)}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
  }
}
