import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const FOLDERS = ['/usr/local/bin', '/usr/bin', '/opt/homebrew/bin'];
const run = promisify(execFile);

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folder of ffmpeg and ffprobe: `TEST_FFMPEG_DIR`, or where programs usually are; absent where they are not. */
export function ffmpegFolder(): string | undefined {
  const given = process.env['TEST_FFMPEG_DIR'];
  return (given === undefined || given === '' ? FOLDERS : [given]).find((folder) =>
    ['ffmpeg', 'ffprobe'].every((name) => isRunnable(join(folder, name))),
  );
}

/** Makes a file by ffmpeg. */
export async function makeByFfmpeg(folder: string, args: readonly string[]): Promise<void> {
  await run(join(folder, 'ffmpeg'), ['-v', 'error', '-nostdin', '-y', ...args]);
}
