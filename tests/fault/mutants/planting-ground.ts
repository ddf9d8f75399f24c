import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import type { Mutant } from './mutants.js';

const run = promisify(execFile);
const MOST_OUTPUT = 64 * 1024 * 1024;
const OUR_PACKAGES = '@natter';

const Results = z.object({
  testResults: z.array(
    z.object({
      message: z.optional(z.string()),
      assertionResults: z.array(
        z.object({ status: z.string(), title: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});

/** What a test said of a planted bug: it `survived` where all were green, and `broken` is a run without a test in it. */
export type Finding =
  | { readonly kind: 'caught'; readonly test: string; readonly message: string }
  | { readonly kind: 'survived' }
  | { readonly kind: 'broken'; readonly message: string };

/** A copy of the repository's sources in a folder of its own, for bugs that are planted and taken out again. */
export class PlantingGround {
  private constructor(
    private readonly repository: string,
    readonly folder: string,
  ) {}

  /** Copies what git knows or would take, and links to the packages that are installed. */
  static async make(repository: string): Promise<PlantingGround> {
    const ground = new PlantingGround(repository, await mkdtemp(join(tmpdir(), 'natter-mutants-')));
    await ground.copySources();
    await ground.linkPackages();
    await ground.compile();
    return ground;
  }

  /** Plants a bug, lets its test look for it, and takes it out. */
  async tryOut(mutant: Mutant): Promise<Finding> {
    const patch = join(this.repository, 'tests/fault/mutants', `${mutant.name}.patch`);
    await this.run('git', ['apply', patch]);
    try {
      await this.compile();
      return await this.test(mutant);
    } catch (error) {
      // What does not compile is found by the compiler, and says nothing of the tests.
      return { kind: 'broken', message: String(error) };
    } finally {
      await this.run('git', ['apply', '--reverse', patch]);
    }
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  private async copySources(): Promise<void> {
    const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const { stdout } = await run('git', listing, {
      cwd: this.repository,
      maxBuffer: MOST_OUTPUT,
    });
    for (const path of new Set(stdout.split('\0').filter((name) => name !== ''))) {
      await mkdir(dirname(join(this.folder, path)), { recursive: true });
      // A file may be listed that was removed since.
      await cp(join(this.repository, path), join(this.folder, path)).catch(() => undefined);
    }
  }

  /** Packages of others lead to those of the repository; ours to the copy, as its workspaces. */
  private async linkPackages(): Promise<void> {
    const [from, to] = [this.repository, this.folder].map((root) => join(root, 'node_modules'));
    if (from === undefined || to === undefined) return;
    await mkdir(to);
    for (const name of await readdir(from)) {
      if (name === OUR_PACKAGES) {
        await cp(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
      } else if (name === '.bin' || !name.startsWith('.')) {
        await symlink(join(from, name), join(to, name));
      }
    }
  }

  private async compile(): Promise<void> {
    await this.run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-b']);
  }

  private async test({ project, file, title }: Mutant): Promise<Finding> {
    const results = join(this.folder, 'results.json');
    await rm(results, { force: true });
    const parameters = ['run', '--project', project, file, '--retry=0', '--bail=1'];
    const reports = ['--reporter=json', `--outputFile=${results}`];
    const named = title === '' ? [] : ['--testNamePattern', title];
    const program = join('node_modules', 'vitest', 'vitest.mjs');
    let output = '';
    try {
      await this.run(process.execPath, [program, ...parameters, ...named, ...reports]);
      return { kind: 'survived' };
    } catch (error) {
      output = String(error);
    }
    return foundIn(await readFile(results, 'utf8').catch(() => '{"testResults":[]}'), output);
  }

  private async run(program: string, parameters: readonly string[]): Promise<void> {
    // A campaign of a few kills finds what loses messages at each of them.
    // oxlint-disable-next-line node/no-process-env
    const env = { ...process.env, NATTER_KILLS: '8' };
    await run(program, parameters, { cwd: this.folder, maxBuffer: MOST_OUTPUT, env });
  }
}

function foundIn(results: string, output: string): Finding {
  const { testResults } = z.parse(Results, JSON.parse(results));
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ status }) => status === 'failed');
  if (failed) {
    const [message = ''] = failed.failureMessages;
    return { kind: 'caught', test: failed.title, message: firstLineOf(message) };
  }
  const message = testResults.map((result) => result.message).find(Boolean) ?? output;
  return { kind: 'broken', message: message.slice(0, 2000) };
}

function firstLineOf(message: string): string {
  // oxlint-disable-next-line no-control-regex
  const plain = message.replaceAll(/\u001B\[[\d;]*m/g, '');
  return plain.split('\n')[0]?.trim() ?? '';
}
