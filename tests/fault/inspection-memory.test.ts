import { execFile } from 'node:child_process';
import { link, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MediaInspection } from '@natter/server/inspection';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sizes } from './sizes.js';

const MIB = 1024 * 1024;
const FILES = sizes.pictures;
const INSPECTION = new URL('../../apps/server/dist/media/inspection/index.js', import.meta.url);
const run = promisify(execFile);

/** A process that does nothing but inspect; prints what it held before, and at most. */
const PROGRAM = `
const [inspectionUrl, folder, count] = process.argv.slice(1);
const { MediaInspection } = await import(inspectionUrl);
const inspection = await MediaInspection.open({
  processes: 2, timeoutMs: 300_000, mostPixels: 50_000_000, ffmpegFolder: folder,
});
const inspect = (name) =>
  inspection.inspect(folder + '/' + name + '/file', 'image/png');
await inspect('warm');
const idle = process.memoryUsage().rss;
let most = idle;
setInterval(() => { most = Math.max(most, process.memoryUsage().rss); }, 10).unref();
const found = await Promise.all(Array.from({ length: Number(count) }, (_, at) => inspect(String(at))));
const pictures = found.filter(({ kind, width }) => kind === 'image' && width === 4000).length;
console.log(JSON.stringify({ idle, most, pictures }));
inspection.stop();
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'natter-memory-'));
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const picture = join(folder, 'picture');
  await sharp({ create: { width: 4000, height: 4000, channels: 3, background: 'grey', noise } })
    .png({ compressionLevel: 1 })
    .toFile(picture);
  for (const name of ['warm', ...Array.from({ length: FILES }, (_, at) => String(at))]) {
    await mkdir(join(folder, name));
    await link(picture, join(folder, name, 'file'));
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it(`${FILES} pictures of 50 MB that are looked into at once take less than 100 MiB of our process`, async () => {
  expect((await stat(join(folder, 'picture'))).size).toBeGreaterThan(48 * MIB);
  const args = ['--input-type=module', '-e', PROGRAM, INSPECTION.href, folder, String(FILES)];
  const { stdout } = await run(process.execPath, args, {
    cwd: fileURLToPath(new URL('.', INSPECTION)),
  });
  const { idle, most, pictures } = JSON.parse(stdout) as Record<string, number>;
  expect(pictures).toBe(FILES);
  // oxlint-disable-next-line no-console
  console.log(`idle ${toMib(idle)} MiB, at most ${toMib(most)} MiB`);
  expect((most ?? 0) - (idle ?? 0)).toBeLessThan(100 * MIB);
});

const NOISE = { type: 'gaussian', mean: 128, sigma: 20 } as const;

it.each([
  ['a JPEG', (picture: Sharp) => picture.jpeg({ quality: 90 })],
  ['a JPEG in stages', (picture: Sharp) => picture.jpeg({ quality: 90, progressive: true })],
  ['a PNG', (picture: Sharp) => picture.png({ compressionLevel: 1 })],
  [
    'an interlaced PNG',
    (picture: Sharp) => picture.png({ compressionLevel: 1, progressive: true }),
  ],
  ['a GIF', (picture: Sharp) => picture.gif({ effort: 1, colours: 16 })],
  ['a WebP', (picture: Sharp) => picture.webp({ effort: 0 })],
  ['an AVIF', (picture: Sharp) => picture.avif({ effort: 0 })],
])('T64 %s of 12 million pixels full of noise takes less than it may', async (_, encode) => {
  const create = {
    width: 4000,
    height: 3000,
    channels: 3,
    background: 'grey',
    noise: NOISE,
  } as const;
  const own = await mkdtemp(join(folder, 'picture-'));
  const path = join(own, 'file');
  await encode(sharp({ create })).toFile(path);
  const inspection = await MediaInspection.open({
    processes: 1,
    timeoutMs: 300_000,
    mostPixels: 50_000_000,
    ffmpegFolder: folder,
  });
  try {
    await expect(inspection.inspect(path)).resolves.toMatchObject({ kind: 'image', width: 4000 });
  } finally {
    inspection.stop();
  }
});

function toMib(bytes = 0): number {
  return Math.round(bytes / MIB);
}
