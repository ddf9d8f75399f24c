import { randomInt } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChildServer, freshName, TestUser } from '@natter/testing';
import { expect, it } from 'vitest';
import { type Campaign, underLoad } from './load.js';
import { LoopDisk } from './loop-disk.js';
import { patience, sizes } from './sizes.js';

const MEBIBYTES = 3072;
/** Of one page of a history. */
const MESSAGES = 20;
const NO_FLUSH = fileURLToPath(
  new URL('../../node_modules/.cache/natter-tests/fault/no-flush.js', import.meta.url),
);
const probe = await LoopDisk.make(16);
const missing = probe ? '' : ' (skipped: an ext4 file system in a file cannot be mounted here)';
await probe?.dispose();

async function cutAndRestart(disk: LoopDisk, server: ChildServer): Promise<void> {
  await disk.cutPower();
  await server.kill('SIGKILL');
  await server.killDatabase().catch(() => undefined);
  await disk.powerOn();
  await server.start();
}

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

/** How many of some messages that were acknowledged are there after a power cut, where nothing is flushed. */
async function keptWithoutFlush(messages: number): Promise<number> {
  const disk = await LoopDisk.make(MEBIBYTES);
  if (!disk) throw new Error('There is no disk');
  const server = await ChildServer.prepare({ NODE_OPTIONS: `--import ${NO_FLUSH}` }, disk.path);
  try {
    await server.start();
    const user = await TestUser.register(server.url, freshName());
    const chat = await user.group();
    // So that it opens again, with all but what comes now.
    await disk.flush();
    for (let sent = 0; sent < messages; sent += 1) await user.say(chat.id);
    await cutAndRestart(disk, server);
    const history = await user.readHistory(chat.id);
    return history.filter(({ kind }) => kind === 'text').length;
  } finally {
    await server.dispose();
    await disk.dispose();
  }
}

it.skipIf(!probe)(
  `the control: a database that does not flush loses what was acknowledged${missing}`,
  async () => {
    expect(await keptWithoutFlush(MESSAGES)).toBeLessThan(MESSAGES);
  },
);

/** People send while the power of the disk below the embedded database is cut, again and again. */
async function campaign(cuts: number): Promise<Campaign> {
  const disk = await LoopDisk.make(MEBIBYTES);
  if (!disk) throw new Error('There is no disk');
  const server = await ChildServer.prepare({}, disk.path);
  try {
    await server.start();
    const { minimum, maximum } = sizes.messagesBetweenKills;
    return await underLoad({ url: server.url, people: 8, rooms: 2, listeners: 1 }, async (load) => {
      for (let round = 0; round < cuts; round += 1) {
        await load.untilMore(randomInt(minimum, maximum));
        await cutAndRestart(disk, server);
      }
      await load.untilMore(minimum);
    });
  } finally {
    await server.dispose();
    await disk.dispose();
  }
}

it.skipIf(!probe)(
  `G2 DUR-1 ${sizes.powerCuts} power cuts of the disk of the embedded database lose nothing that was acknowledged${missing}`,
  patience,
  async () => {
    const { report } = await campaign(sizes.powerCuts);
    process.stdout.write(`${sizes.powerCuts} power cuts\n${report}`);
  },
);
