import { randomUUID } from 'node:crypto';
import { ChildServer, freshName, sendRequest, TestUser } from '@natter/testing';
import { expect, it } from 'vitest';
import { underLoad } from './load.js';
import { LoopDisk } from './loop-disk.js';
import { patience } from './sizes.js';

const MEBIBYTES = 512;
/** What is left: room to notice, and none for another segment of PostgreSQL's log. */
const LEFT_KIBIBYTES = 256;
const TEXT = 'x'.repeat(16_000);
const probe = await LoopDisk.make(16);
const missing = probe ? '' : ' (skipped: an ext4 file system in a file cannot be mounted here)';
await probe?.dispose();

it.skipIf(!probe)(
  `G21 a full disk of the database refuses writes for now, keeps reads, and recovers by itself${missing}`,
  patience,
  async () => {
    const disk = await LoopDisk.make(MEBIBYTES);
    if (!disk) throw new Error('There is no disk');
    const server = await ChildServer.prepare({ NATTER_RATE_LIMITS: 'off' }, disk.path);
    await server.start();
    const processId = server.processId;
    const user = await TestUser.register(server.url, freshName('full'));
    const chat = await user.direct(user);
    const send = () =>
      sendRequest(server.url, 'sendMessage', {
        token: user.token,
        params: { id: chat.id },
        body: { kind: 'text', text: TEXT, clientMessageId: randomUUID() },
      });
    const { report } = await underLoad(
      { url: server.url, people: 4, rooms: 1, listeners: 1 },
      async (load) => {
        await load.untilMore(50);
        const makeRoom = await disk.fill(LEFT_KIBIBYTES);
        let refused = await send();
        while (refused.status === 201) refused = await send();
        expect(refused.body).toMatchObject({ code: 'UNAVAILABLE', status: 503 });
        await expect
          .poll(() => user.readHistory(chat.id).catch(() => []), { timeout: 60_000 })
          .not.toEqual([]);
        await makeRoom();
        await load.untilMore(50);
      },
    );
    process.stdout.write(report);
    expect(server.processId).toBe(processId);
    await server.dispose();
    await disk.dispose();
  },
);
