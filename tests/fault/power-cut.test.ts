import { randomInt } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChildServer } from '@natter/testing';
import { expect, it } from 'vitest';
import { underLoad } from './load.js';
import { LoopDisk } from './loop-disk.js';
import { patience, sizes } from './sizes.js';

const MEBIBYTES = 3072;
const probe = await LoopDisk.make(16);
const missing = probe ? '' : ' (skipped: an ext4 file system in a file cannot be mounted here)';
await probe?.dispose();

it.skipIf(!probe)(
  `the control: what was not flushed is gone after a power cut${missing}`,
  async () => {
    const disk = await LoopDisk.make(16);
    if (!disk) throw new Error('There is no disk');
    await writeFile(join(disk.path, 'flushed'), 'x', { flush: true });
    await writeFile(join(disk.path, 'written'), 'x');
    expect(await readdir(disk.path)).toContain('written');
    await disk.cutPower();
    await disk.powerOn();
    const left = await readdir(disk.path);
    expect(left).toContain('flushed');
    expect(left).not.toContain('written');
    await disk.dispose();
  },
);

it.skipIf(!probe)(
  `G2 DUR-1 ${sizes.powerCuts} power cuts of the disk of the embedded database lose nothing that was acknowledged${missing}`,
  patience,
  async () => {
    const disk = await LoopDisk.make(MEBIBYTES);
    if (!disk) throw new Error('There is no disk');
    const server = await ChildServer.prepare({}, disk.path);
    await server.start();
    const { minimum, maximum } = sizes.messagesBetweenKills;
    const { report } = await underLoad(
      { url: server.url, people: 8, rooms: 2, listeners: 1 },
      async (load) => {
        for (let round = 0; round < sizes.powerCuts; round += 1) {
          await load.untilMore(randomInt(minimum, maximum));
          await disk.cutPower();
          await server.kill('SIGKILL');
          await server.killDatabase().catch(() => undefined);
          await disk.powerOn();
          await server.start();
        }
        await load.untilMore(minimum);
      },
    );
    process.stdout.write(`${sizes.powerCuts} power cuts\n${report}`);
    await server.dispose();
    await disk.dispose();
  },
);
