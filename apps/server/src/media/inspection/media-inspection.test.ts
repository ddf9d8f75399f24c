import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { mountTinyDisk } from '../storage/testing/tiny-disk.js';
import { MediaInspection } from './media-inspection.js';

it('a picture is not broken because the disk is full', async (context) => {
  const disk = await mountTinyDisk(1_000_000);
  if (!disk) return context.skip('no file system may be mounted here');
  const inspection = await MediaInspection.open({
    processes: 1,
    timeoutMs: 30_000,
    mostPixels: 1_000_000,
    ffmpegFolder: undefined,
  });
  try {
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const create = { width: 450, height: 450, channels: 3, background: 'grey', noise } as const;
    const path = join(disk.folder, 'file');
    for (const picture of [sharp({ create }).png(), sharp({ create }).jpeg({ quality: 100 })]) {
      const bytes = await picture.toBuffer();
      await writeFile(path, bytes);
      await writeFile(join(disk.folder, 'other'), Buffer.alloc(960_000 - bytes.length));
      await expect(inspection.inspect(path)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
      for (const name of await readdir(disk.folder)) await writeFile(join(disk.folder, name), '');
    }
  } finally {
    inspection.stop();
    await disk.remove();
  }
});
