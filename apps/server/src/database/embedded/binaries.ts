import { join } from 'node:path';
import { copyBinaries } from './binaries-copy.js';
import type { EmbeddedLogger } from './embedded-logger.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { resolvePlatformPackage, restoreLinks } from './platform-package.js';
import { runProgram } from './run-program.js';
import type { SystemAccount } from './system-account.js';

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  /** As PostgreSQL says it, such as `18.4`. */
  readonly version: string;
  readonly majorVersion: string;
}

type Trial =
  | { readonly binaries: PostgresBinaries }
  | { readonly binaries?: undefined; readonly output: string };

/**
 * Finds PostgreSQL binaries that `account` can run: those of the npm package of this platform, or, where the account
 * cannot reach them, a copy in `sharedFolder`.
 */
export async function findBinaries(
  account: SystemAccount | undefined,
  sharedFolder: string,
  logger: EmbeddedLogger,
): Promise<PostgresBinaries> {
  const shipped = await resolvePlatformPackage();
  let trial = await tryBinaries(shipped.folder, account);
  if (trial.binaries === undefined) {
    await restoreLinks(shipped.folder);
    trial = await tryBinaries(shipped.folder, account);
  }
  if (trial.binaries !== undefined) return trial.binaries;

  const asOurselves = account === undefined ? trial : await tryBinaries(shipped.folder, undefined);
  if (account === undefined || asOurselves.binaries === undefined) {
    const output = asOurselves.binaries === undefined ? asOurselves.output : '';
    throw new EmbeddedPostgresError(
      `unable to run the PostgreSQL of ${shipped.name} (${output}); run "npm rebuild ${shipped.name}", and where that ` +
        'does not help (it needs glibc, which Alpine has not) set DATABASE_URL',
    );
  }

  const copy = join(
    sharedFolder,
    `postgresql-${shipped.version}-${process.platform}-${process.arch}`,
  );
  if (await copyBinaries(shipped.folder, copy)) {
    logger.info(
      `user "${account.name}" cannot reach ${shipped.folder}: copied PostgreSQL to ${copy}`,
    );
  }
  const copied = await tryBinaries(copy, account);
  if (copied.binaries !== undefined) return copied.binaries;
  throw new EmbeddedPostgresError(
    `unable to run PostgreSQL as user "${account.name}", neither from ${shipped.folder} nor from its copy in ${copy} ` +
      `(${copied.output}); let that user enter one of these folders, or set DATABASE_URL`,
  );
}

async function tryBinaries(folder: string, account: SystemAccount | undefined): Promise<Trial> {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const postgres = join(folder, 'bin', `postgres${suffix}`);
  const initdb = join(folder, 'bin', `initdb${suffix}`);
  const linked = await runProgram(initdb, ['--version'], { account });
  if (!linked.succeeded) return { output: linked.output };
  const { succeeded, output } = await runProgram(postgres, ['--version'], { account });
  const [, version, majorVersion] = /\(PostgreSQL\) ((\d+)\S*)/.exec(output) ?? [];
  if (!succeeded || version === undefined || majorVersion === undefined) return { output };
  return { binaries: { postgres, initdb, version, majorVersion } };
}
