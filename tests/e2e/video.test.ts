import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { files } from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage } from './browser.js';

const SECONDS = 60;
const folder = files.ffmpegFolder();
const found = folder === undefined ? 'not run: ffmpeg is not installed' : 'with ffmpeg';

/** A recording of noise, which is too much to be fetched whole before it plays. */
async function recording(): Promise<Buffer<ArrayBuffer>> {
  const work = await mkdtemp(join(tmpdir(), 'natter-video-'));
  try {
    const path = join(work, 'clip.webm');
    const noise = ['-f', 'lavfi', '-i', `testsrc=size=320x240:rate=10:duration=${SECONDS}`];
    const coded =
      '-vf noise=alls=60:allf=t -c:v libvpx -deadline realtime -cpu-used 8 -b:v 4M -g 20';
    await files.makeByFfmpeg(folder ?? '', [...noise, ...coded.split(' '), path]);
    return Buffer.from(await readFile(path));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

describe.skipIf(folder === undefined)(`a video in the browser, ${found}`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage.close());

  it('MEDIA-3 plays from its link, and from wherever he seeks to, without all of it', async () => {
    const [anna, ben] = await Promise.all([stage.server.user(), stage.server.user()]);
    const chat = await anna.direct(ben);
    const video = await anna.upload(await recording(), { name: 'clip.webm', type: 'video/webm' });
    expect(video).toMatchObject({ kind: 'video', mimeType: 'video/webm' });
    const message = { kind: 'media', mediaIds: [video.id], clientMessageId: randomUUID() };
    await anna.call('sendMessage', { params: { id: chat.id }, body: message });
    const { body: links } = await ben.call('createMediaLinks', { body: { ids: [video.id] } });

    const page = await stage.window();
    const ranges: { status: number; from: number }[] = [];
    page.on('response', (response) => {
      if (!response.url().includes(video.id)) return;
      const [, from = '-1'] = /^bytes (\d+)-/.exec(response.headers()['content-range'] ?? '') ?? [];
      ranges.push({ status: response.status(), from: Number(from) });
    });
    await page.goto(stage.url);
    await page.evaluate(`{
      const player = document.createElement('video');
      Object.assign(player, { muted: true, preload: 'metadata', src: ${JSON.stringify(links[0]?.url)} });
      document.body.append(player);
    }`);
    /** What an expression about the player gives in the page. */
    const ofPlayer = (expression: string): Promise<unknown> =>
      page.evaluate(`document.querySelector('video').${expression}`);
    const isPlayingAfter = async (seconds: number): Promise<void> => {
      await expect
        .poll(() => ofPlayer('currentTime'), { timeout: 30_000 })
        .toBeGreaterThan(seconds);
    };

    await ofPlayer('play()');
    await isPlayingAfter(0.2);
    expect(await ofPlayer('videoWidth')).toBe(320);
    expect(await ofPlayer('duration')).toBeCloseTo(SECONDS, 0);

    const soughtTo = SECONDS - 5;
    await ofPlayer(`currentTime = ${soughtTo}`);
    await isPlayingAfter(soughtTo + 0.2);
    expect(ranges.map(({ status }) => status)).toEqual(ranges.map(() => 206));
    // What he sought is asked for by itself.
    expect(ranges.some(({ from }) => from > video.size / 2)).toBe(true);
    expect(await ofPlayer('error')).toBe(null);
    expect(stage.faults).toEqual([]);
  });
});
