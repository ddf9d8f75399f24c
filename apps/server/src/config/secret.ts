import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The injection token of the secret that signs tokens. */
export const JWT_SECRET = Symbol('JWT_SECRET');

const SECRET_BYTES = 48;
/** As for a secret that is configured. */
const MINIMUM_BYTES = 32;

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function readKept(file: string): Promise<string> {
  const secret = await readFile(file, 'utf8');
  if (Buffer.byteLength(secret) < MINIMUM_BYTES) {
    throw new Error(
      `Unable to use ${file}; it was cut short. Restore it, or remove it to end all sessions`,
    );
  }
  return secret;
}

/**
 * The secret kept in the data folder, made there at first use with mode 0600. All who start at once end up with
 * the same one, be it in one process, in several, or in containers that share the folder.
 */
export async function keptSecret(dataFolder: string): Promise<string> {
  const file = join(resolve(dataFolder), 'jwt-secret');
  try {
    return await readKept(file);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
  await mkdir(resolve(dataFolder), { recursive: true });
  // Written whole under another name and then linked: a crash between leaves no half secret, and the first link wins.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, randomBytes(SECRET_BYTES).toString('base64url'), {
    mode: 0o600,
    flush: true,
  });
  try {
    await link(draft, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readKept(file);
}
