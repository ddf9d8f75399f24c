import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { files, sendRequest, startTestServer, type TestServer } from '@natter/testing';
import { Readiness } from '@natter/protocol';
import { afterEach, expect, it, vi } from 'vitest';

let server: TestServer;
afterEach(() => server.stop());

const inspection = { processes: 1, timeoutMs: 8000, mostPixels: 50_000_000 };
/** An answer is kept for a moment. */
const PATIENCE = { timeout: 30_000, interval: 200 };

async function readiness() {
  const { status, body } = await sendRequest(server.url, 'getReadiness', {});
  return { httpStatus: status, ...Readiness.parse(body) };
}

it('a node without ffmpeg says so, and is ready', async () => {
  const ffmpegFolder = join(import.meta.dirname, 'no-such-folder');
  server = await startTestServer({ inspection: { ...inspection, ffmpegFolder } });
  expect(await readiness()).toEqual({
    httpStatus: 200,
    status: 'ok',
    checks: {
      node: { ok: true },
      database: { ok: true },
      storage: { ok: true },
      ffmpeg: { ok: false, detail: expect.stringContaining('is not installed') },
    },
  });
});

const found = files.ffmpegFolder();
it.skipIf(found === undefined)(
  'a node with ffmpeg says that it has it (wants ffmpeg installed)',
  async () => {
    server = await startTestServer({ inspection: { ...inspection, ffmpegFolder: found } });
    expect((await readiness()).checks['ffmpeg']).toEqual({ ok: true });
  },
);

it('a node whose storage does not answer says so, and takes messages; then it answers again', async () => {
  server = await startTestServer();
  const { atAnna, anna, ben, chat } = await server.directChat();
  const folder = join(server.dataFolder, 'media');
  await rm(folder, { recursive: true, force: true });
  await writeFile(folder, 'no folder');
  await vi.waitFor(async () => {
    const { httpStatus, status, checks } = await readiness();
    expect([httpStatus, status]).toEqual([200, 'ok']);
    expect(checks['storage']).toMatchObject({ ok: false });
    expect(JSON.stringify(checks)).not.toContain(server.dataFolder);
  }, PATIENCE);
  await atAnna.send(chat.id, 'goes on');
  await rm(folder);
  await mkdir(folder);
  await vi.waitFor(async () => {
    expect((await readiness()).checks['storage']).toEqual({ ok: true });
  }, PATIENCE);
  for (const user of [anna, ben]) user.disconnect();
});
