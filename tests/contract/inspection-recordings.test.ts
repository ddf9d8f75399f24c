import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Inspection, MediaInspection } from '@natter/server/inspection';
import { files } from '@natter/testing';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const ffmpegFolder = files.ffmpegFolder();
const found = ffmpegFolder ? 'by ffmpeg' : 'not run: ffmpeg is not installed';

// Two seconds each: a test picture, and a tone that becomes loud.
const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=10:duration=2'];
const TONE = ['-f', 'lavfi', '-i', 'aevalsrc=if(lt(t\\,1)\\,0.1\\,1)*sin(2500*t):d=2'];
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

const PLACE = ['-metadata', 'location=+52.5163+013.3777/', '-metadata', 'title=Secret'];

let inspection: MediaInspection;
let plain: MediaInspection;
let folder: string;

beforeAll(async () => {
  const settings = { processes: 2, timeoutMs: 20_000, mostPixels: 50_000_000 };
  inspection = await MediaInspection.open({ ...settings, ffmpegFolder });
  plain = await MediaInspection.open({ ...settings, ffmpegFolder: tmpdir() });
});

afterAll(() => {
  inspection.stop();
  plain.stop();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'natter-recordings-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A file in a folder of its own, made by ffmpeg. */
async function make(name: string, args: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await files.makeByFfmpeg(ffmpegFolder ?? '', [...args, path]);
  return path;
}

function inspect(path: string, mimeType: string, by = inspection): Promise<Inspection> {
  return by.inspect(path, mimeType);
}

/** What ffmpeg makes of every frame of a video, as one line each. */
async function framesOf(path: string): Promise<string> {
  const listed = `${path}.frames`;
  await files.makeByFfmpeg(ffmpegFolder ?? '', ['-i', path, '-f', 'framemd5', listed]);
  return (await readFile(listed, 'utf8')).replaceAll(/^#.*\n/gm, '');
}

describe.skipIf(!ffmpegFolder)(`a video, ${found}`, () => {
  const cases: readonly [string, string, readonly string[]][] = [
    ['clip.mp4', 'video/mp4', [...PICTURE, ...TONE, ...H264, '-c:a', 'aac', '-shortest']],
    ['clip.mov', 'video/quicktime', [...PICTURE, ...H264]],
    ['clip.webm', 'video/webm', [...PICTURE, ...TONE, '-c:v', 'libvpx', '-c:a', 'libopus']],
    ['clip.mkv', 'video/x-matroska', [...PICTURE, ...H264]],
    ['clip.ogv', 'video/ogg', [...PICTURE, '-c:v', 'libtheora']],
    ['clip.avi', 'video/x-msvideo', [...PICTURE, '-c:v', 'mjpeg']],
  ];
  it.each(cases)('%s has a size, a length and a picture', async (name, mimeType, args) => {
    const path = await make(name, args);
    const { durationMs = 0, ...facts } = await inspect(path, mimeType);
    expect(facts).toMatchObject({ kind: 'video', width: 640, height: 360 });
    expect(Math.abs(durationMs - 2000)).toBeLessThanOrEqual(150);
    expect(facts.thumbhash).toMatch(/^[\w+/]{20,40}={0,2}$/);
    await expect(inspect(path, mimeType)).resolves.toEqual({ durationMs, ...facts });
    await expect(sharp(facts.derived.thumbnail).metadata()).resolves.toMatchObject({
      format: 'webp',
      width: 480,
      height: 270,
    });
  });

  it('that was filmed upright is shown upright', async () => {
    const flat = await make('flat.mp4', [...PICTURE, ...H264]);
    const path = await make('upright.mp4', [
      '-display_rotation',
      '90',
      '-i',
      flat,
      '-c',
      'copy',
    ]).catch(() => make('upright.mp4', ['-i', flat, '-c', 'copy', '-metadata:s:v:0', 'rotate=90']));
    const { derived, ...facts } = await inspect(path, 'video/mp4');
    expect(facts).toMatchObject({ kind: 'video', width: 360, height: 640 });
    await expect(sharp(derived.thumbnail).metadata()).resolves.toMatchObject({
      width: 270,
      height: 480,
    });
  });

  it.each([
    ['clip.mov', 'video/quicktime', H264],
    ['clip.webm', 'video/webm', ['-c:v', 'libvpx']],
    ['clip.mkv', 'video/x-matroska', H264],
  ])('T70 %s does not tell others where it was taken, and plays on', async (name, type, codec) => {
    const path = await make(name, [...PICTURE, ...codec, ...PLACE]);
    expect((await readFile(path)).includes('+52.5163')).toBe(true);
    const { derived } = await inspect(path, type);
    const shown = await readFile(derived.display ?? '', 'latin1');
    expect(shown).not.toMatch(/52\.5163|Secret/);
    const again = await inspect(derived.display ?? '', type);
    expect(again).toMatchObject({ kind: 'video', width: 640, height: 360, durationMs: 2000 });
    expect(again.derived.thumbnail).toBeDefined();
    expect(await framesOf(derived.display ?? '')).toBe(await framesOf(path));
  });

  it('of which nothing can be decoded is a video all the same', async () => {
    const path = join(folder, 'clip.mp4');
    await writeFile(path, files.mp4WithPlace());
    await expect(inspect(path, 'video/mp4')).resolves.toMatchObject({
      kind: 'video',
      durationMs: 3000,
      derived: {},
    });
  });

  it('is known without ffmpeg by what its container says', async () => {
    const path = await make('clip.mp4', [...PICTURE, ...TONE, ...H264, '-c:a', 'aac', '-shortest']);
    const { kind, durationMs = 0, derived } = await inspect(path, 'video/mp4', plain);
    expect(kind).toBe('video');
    expect(derived.thumbnail).toBeUndefined();
    expect(Math.abs(durationMs - 2000)).toBeLessThanOrEqual(150);
  });
});

describe.skipIf(!ffmpegFolder)(`a recording, ${found}`, () => {
  const cases: readonly [string, string, string, readonly string[]][] = [
    ['note.ogg', 'audio/ogg', 'audio/ogg', ['-c:a', 'libopus']],
    ['note.webm', 'audio/webm;codecs=opus', 'audio/webm', ['-c:a', 'libopus']],
    ['note.m4a', 'audio/mp4', 'audio/mp4', ['-c:a', 'aac']],
    ['note.mp4', 'audio/mp4', 'audio/mp4', ['-c:a', 'aac']],
    ['note.mp3', 'audio/mpeg', 'audio/mpeg', ['-c:a', 'libmp3lame']],
    ['note.flac', 'audio/x-flac', 'audio/flac', ['-c:a', 'flac']],
    ['note.wav', 'audio/wave', 'audio/wav', []],
    ['note.aac', 'audio/aac', 'audio/aac', ['-c:a', 'aac']],
  ];
  it.each(cases)('%s has a length and peaks', async (name, declared, mimeType, args) => {
    const path = await make(name, [...TONE, ...args]);
    const { peaks = [], durationMs = 0, ...facts } = await inspect(path, declared);
    expect(facts).toMatchObject({ kind: 'audio', mimeType });
    expect(Math.abs(durationMs - 2000)).toBeLessThanOrEqual(150);
    expect(peaks.length).toBeGreaterThanOrEqual(98);
    expect(peaks.length).toBeLessThanOrEqual(100);
    expect(Math.max(...peaks)).toBe(100);
    expect(Math.max(...peaks.slice(5, 40))).toBeLessThan(30);
    expect(Math.min(...peaks.slice(60, 90))).toBeGreaterThan(70);
  });

  it.each([
    ['note.m4a', 'audio/mp4', ['-c:a', 'aac']],
    ['note.webm', 'audio/webm', ['-c:a', 'libopus']],
  ])('T70 %s does not tell others where it was made, and plays on', async (name, type, codec) => {
    const path = await make(name, [...TONE, ...codec, ...PLACE]);
    expect((await readFile(path)).includes('Secret')).toBe(true);
    const first = await inspect(path, type);
    const shown = await readFile(first.derived.display ?? '', 'latin1');
    expect(shown).not.toMatch(/52\.5163|Secret/);
    const again = await inspect(first.derived.display ?? '', type);
    expect(again).toMatchObject({ durationMs: first.durationMs, peaks: first.peaks });
  });

  it('with a cover is no video', async () => {
    const cover = join(folder, 'cover.png');
    await writeFile(cover, await files.pngWithAlpha());
    const path = await make('song.mp3', [
      ...TONE,
      '-i',
      cover,
      ...'-map 0:a -map 1:v -c:v copy -disposition:v attached_pic'.split(' '),
    ]);
    await expect(inspect(path, 'audio/mpeg')).resolves.toMatchObject({
      kind: 'audio',
      derived: {},
    });
  });

  it('is known without ffmpeg by what its container says', async () => {
    const path = await make('note.webm', [...TONE, '-c:a', 'libopus']);
    const { durationMs = 0, ...facts } = await inspect(path, 'audio/webm', plain);
    expect(facts).toMatchObject({ kind: 'audio', mimeType: 'audio/webm' });
    expect(Math.abs(durationMs - 2000)).toBeLessThanOrEqual(150);
  });
});

describe.skipIf(!ffmpegFolder)(`T64: a recording made to harm, ${found}`, () => {
  it.each([
    ['an HLS playlist', files.playlist],
    ['a list for concat', files.concatenation],
  ])('as %s is text', async (_, content) => {
    const path = join(folder, 'file');
    await writeFile(path, content);
    await expect(inspection.inspect(path)).resolves.toEqual({
      kind: 'file',
      mimeType: 'text/plain',
      derived: {},
    });
  });

  it('is not read as a playlist, whatever its beginning says', async () => {
    // To file-type this is an MP4; to ffmpeg, left to itself, it may be a playlist.
    const path = join(folder, 'file');
    await writeFile(path, Buffer.concat([files.mp4WithPlace().subarray(0, 24), files.playlist]));
    const { kind, derived } = await inspect(path, 'video/mp4');
    expect({ kind, derived }).toEqual({ kind: 'video', derived: {} });
  });

  it('is cut anywhere and does no harm', async () => {
    const path = await make('clip.mp4', [...PICTURE, ...TONE, ...H264, '-c:a', 'aac', '-shortest']);
    const whole = await readFile(path);
    for (const part of [0.1, 0.5, 0.9, 0.99]) {
      await writeFile(path, whole.subarray(0, Math.floor(whole.length * part)));
      await expect(inspect(path, 'video/mp4')).resolves.toMatchObject({ kind: 'video' });
    }
  });

  it('that takes too long is a video all the same, and nothing goes on with it', async () => {
    const path = await make('clip.webm', [...PICTURE, '-c:v', 'libvpx']);
    const running = join(folder, 'process-id');
    const isVersion = 'if [ "$1" = -version ]; then echo version 1; exit; fi';
    const mode = 0o755;
    await writeFile(join(folder, 'ffmpeg'), `#!/bin/sh\n${isVersion}\nexit 1\n`, { mode });
    const hang = `#!/bin/sh\n${isVersion}\necho $$ > ${running}\nexec sleep 600\n`;
    await writeFile(join(folder, 'ffprobe'), hang, { mode });
    const stuck = await MediaInspection.open({
      processes: 1,
      timeoutMs: 8000,
      mostPixels: 50_000_000,
      ffmpegFolder: folder,
    });
    expect(stuck.ffmpegVersion).toBe('1');
    await expect(inspect(path, 'video/webm', stuck)).resolves.toMatchObject({ kind: 'video' });
    stuck.stop();
    const processId = Number(await readFile(running, 'utf8'));
    expect(processId).toBeGreaterThan(1);
    expect(() => process.kill(processId, 0)).toThrow('ESRCH');
  });
});
