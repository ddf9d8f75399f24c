import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Inspection, MediaInspection } from '@natter/server/inspection';
import { files } from '@natter/testing';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let inspection: MediaInspection;
let folder: string;

beforeAll(async () => {
  inspection = await MediaInspection.open({
    processes: 2,
    timeoutMs: 20_000,
    mostPixels: 50_000_000,
    // Nothing is there.
    ffmpegFolder: tmpdir(),
  });
});

afterAll(() => inspection.stop());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'natter-inspection-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function inspect(content: Uint8Array, mimeType?: string): Promise<Inspection> {
  const path = join(folder, 'file');
  await writeFile(path, content);
  return inspection.inspect(path, mimeType);
}

/** The colour of a point, as red, green, blue and, where there is one, alpha. */
async function colourAt(path: string, left: number, top: number): Promise<number[]> {
  const pixel = sharp(path).extract({ left, top, width: 1, height: 1 }).raw();
  return [...(await pixel.toBuffer())];
}

const red = [expect.closeTo(255, -1), expect.closeTo(0, -1), expect.closeTo(0, -1)];
const blue = [expect.closeTo(0, -1), expect.closeTo(0, -1), expect.closeTo(255, -1)];

describe('a picture', () => {
  it('T70 of a telephone is upright for others, and does not tell where it was taken', async () => {
    const original = await files.photograph();
    const { exif } = await sharp(original).metadata();
    expect(exif?.includes('Secret Camera')).toBe(true);

    const { derived, ...facts } = await inspect(original, 'image/jpeg');
    expect(facts).toEqual({
      kind: 'image',
      mimeType: 'image/jpeg',
      width: 40,
      height: 60,
      thumbhash: expect.stringMatching(/^[\w+/]{20,40}={0,2}$/),
    });
    for (const path of [derived.display ?? '', derived.thumbnail ?? '']) {
      const metadata = await sharp(path).metadata();
      expect(metadata).toMatchObject({ width: 40, height: 60 });
      expect(
        metadata.exif ?? metadata.xmp ?? metadata.iptc ?? metadata.orientation,
      ).toBeUndefined();
      await expect(colourAt(path, 20, 5)).resolves.toEqual(red);
      await expect(colourAt(path, 20, 55)).resolves.toEqual(blue);
      const bytes = await readFile(path, 'latin1');
      expect(bytes).not.toMatch(/Exif|GPS|Secret Camera/);
    }
    // What came is as it came: it is the caller's.
    expect((await readFile(join(folder, 'file'))).equals(original)).toBe(true);
  });

  it('keeps its transparency', async () => {
    const { derived } = await inspect(await files.pngWithAlpha(), 'image/png');
    for (const path of [derived.display ?? '', derived.thumbnail ?? '']) {
      const [, , , alpha] = await colourAt(path, 25, 5);
      expect(alpha).toBeCloseTo(128, -1);
    }
  });

  it.each(['gif', 'webp'] as const)('that moves goes on moving, as %s', async (format) => {
    const { derived, ...facts } = await inspect(await files.animation(format), `image/${format}`);
    expect(facts).toMatchObject({
      kind: 'image',
      mimeType: `image/${format}`,
      width: 40,
      height: 30,
    });
    const moving = await sharp(derived.display, { pages: -1 }).metadata();
    expect(moving).toMatchObject({ format, pages: 3, loop: 0, delay: [100, 100, 100] });
    const still = await sharp(derived.thumbnail, { pages: -1 }).metadata();
    expect(still).toMatchObject({ format: 'webp', width: 40, height: 30 });
    expect(still.pages ?? 1).toBe(1);
  });

  it.each([
    ['JPEG', files.jpeg, 'image/jpeg'],
    ['WebP', files.webp, 'image/webp'],
    ['AVIF', files.avif, 'image/webp'],
  ])('in %s is made anew', async (_, make, mimeType) => {
    const found = await inspect(await make());
    expect(found).toMatchObject({ kind: 'image', mimeType, width: 60, height: 40 });
    await expect(sharp(found.derived.display).metadata()).resolves.toMatchObject({
      format: mimeType.slice('image/'.length),
    });
  });

  it('has a small thumbnail, never larger than itself', async () => {
    const { derived } = await inspect(await files.jpeg(2000, 1000));
    const metadata = await sharp(derived.thumbnail).metadata();
    expect(metadata).toMatchObject({ format: 'webp', width: 480, height: 240 });
  });

  it('leaves out what hides behind its end', async () => {
    const hidden = Buffer.concat([await files.jpeg(), files.zip('secret.txt', 'a hidden message')]);
    const { derived } = await inspect(hidden, 'image/jpeg');
    expect(await readFile(derived.display ?? '', 'latin1')).not.toContain('hidden message');
  });
});

describe('a GIF', () => {
  it('loses its comments, and what stands behind its end', async () => {
    const original = await files.animation('gif');
    const noted = Buffer.concat([
      original.subarray(0, -1),
      Buffer.from('!\xfe\x06secret\0!\xff\x0bXMP DataXMP\x05place\0;hidden', 'latin1'),
    ]);
    const { derived } = await inspect(noted, 'image/gif');
    expect((await readFile(derived.display ?? '')).equals(original)).toBe(true);
  });

  it('may lack its end, but not more', async () => {
    const original = await files.animation('gif');
    const { derived } = await inspect(original.subarray(0, -1), 'image/gif');
    expect((await readFile(derived.display ?? '')).equals(original)).toBe(true);
    await expect(inspect(original.subarray(0, -4), 'image/gif')).rejects.toMatchObject({
      code: 'INVALID',
    });
  });
});

describe('a picture of another make', () => {
  const pixels = { create: { width: 50, height: 40, channels: 3, background: 'red' } } as const;
  const makers: Record<string, () => Promise<Buffer>> = {
    'in CMYK': () => sharp(pixels).toColourspace('cmyk').jpeg().toBuffer(),
    'in grey': () => sharp(pixels).greyscale().jpeg().toBuffer(),
    'in grey, with transparency': () => sharp(pixels).greyscale().ensureAlpha(0.5).png().toBuffer(),
    'with 16 bits': () => sharp(pixels).toColourspace('rgb16').png().toBuffer(),
    'with a palette': () => sharp(pixels).png({ palette: true, colours: 4 }).toBuffer(),
    'in stages': () => sharp(pixels).jpeg({ progressive: true }).toBuffer(),
    interlaced: () => sharp(pixels).png({ progressive: true }).toBuffer(),
    'of one pixel': () => sharp(pixels).resize(1, 1).png().toBuffer(),
    'very narrow': () => sharp(pixels).resize(1, 3000, { fit: 'fill' }).png().toBuffer(),
    'with a profile of colours': () => sharp(pixels).withIccProfile('p3').jpeg().toBuffer(),
  };
  it.each(Object.entries(makers))('%s is shown in the usual colours', async (_, make) => {
    const { kind, derived, thumbhash } = await inspect(await make());
    expect(kind).toBe('image');
    expect(thumbhash).toBeDefined();
    for (const path of [derived.display, derived.thumbnail]) {
      const { space, icc, depth } = await sharp(path).metadata();
      expect(['srgb', 'b-w', 'rgb16', 'grey16']).toContain(space);
      expect(icc).toBeUndefined();
      expect(['uchar', 'ushort']).toContain(depth);
    }
  });
});

describe('a video', () => {
  it('T70 does not tell others where it was taken', async () => {
    const original = files.mp4WithPlace();
    expect(original.includes('+52.5163')).toBe(true);
    const { kind, derived } = await inspect(original, 'video/mp4');
    expect(kind).toBe('video');
    const shown = await readFile(derived.display ?? '');
    expect(shown).toHaveLength(original.length);
    expect(shown.includes('+52.5163')).toBe(false);
    // Nothing else has changed, nor has it moved.
    const changed = [...shown.keys()].filter((at) => shown[at] !== original[at]);
    const place = original.indexOf('udta');
    expect(changed.every((at) => at >= place && at < place + 40)).toBe(true);
    await expect(inspect(shown, 'video/mp4')).resolves.toMatchObject({
      kind: 'video',
      durationMs: 3000,
    });
  });
});

describe('a WebM', () => {
  it('T70 does not tell others where it was made, nor by what name', async () => {
    const original = files.webmWithPlace();
    const { derived } = await inspect(original, 'audio/webm');
    const shown = await readFile(derived.display ?? '');
    expect(shown).toHaveLength(original.length);
    expect(shown.toString('latin1')).not.toMatch(/52\.5163|LOCATION|Secret/);
    // What made it has to be there, and all sound stays where it was.
    const sound = original.indexOf('1f43b675', 0, 'hex');
    const places = original.indexOf('1254c367', 0, 'hex');
    expect(shown.subarray(sound, places).equals(original.subarray(sound, places))).toBe(true);
    expect(shown.includes('Natter')).toBe(true);
    expect((await inspect(shown, 'audio/webm')).derived).toEqual({});
  });

  it.each([1, 2, 3, 5, 9])('that ends within its notes is cut %i bytes before', async (missing) => {
    const original = files.webmWithPlace();
    const { derived } = await inspect(original.subarray(0, -missing), 'audio/webm');
    const shown = await readFile(derived.display ?? '');
    expect(shown).toHaveLength(original.length - missing);
    expect(shown.includes('52.5163')).toBe(false);
  });
});

describe('T64: a picture made to harm', () => {
  it.each([
    ['50,000 pixels wide and high', () => files.pngBomb(), /pixels/],
    ['of 10,000 frames', () => files.gifBomb(), /frames/],
    ['cut in the middle', async () => (await files.jpeg(600, 400)).subarray(0, 1500), /broken/],
    ['of a head alone', async () => (await files.pngWithAlpha()).subarray(0, 60), /broken/],
    ['that is a script as well', () => files.gifScript, /broken/],
    ['that says it is larger than it is', () => files.pngBomb(5000, 5000), /broken/],
  ])('%s is refused', async (_, make, message) => {
    await expect(inspect(await make())).rejects.toMatchObject({
      code: 'INVALID',
      details: [{ path: 'file', message: expect.stringMatching(message) }],
    });
  });

  it.each([
    ['TIFF', files.tiff, 'image/tiff'],
    ['Photoshop', files.photoshop, 'image/vnd.adobe.photoshop'],
    ['PostScript', () => files.postscript, 'application/eps'],
  ])('in %s is never decoded: it is a file', async (_, make, mimeType) => {
    await expect(inspect(await make())).resolves.toEqual({ kind: 'file', mimeType, derived: {} });
    await expect(readdir(folder)).resolves.toEqual(['file']);
  });

  it('as an SVG is a file', async () => {
    for (const svg of [files.svgWithScript, files.bareSvg]) {
      const found = await inspect(svg, 'image/svg+xml');
      expect(found).toMatchObject({ kind: 'file', derived: {} });
      expect(found.mimeType).toMatch(/^(application\/xml|text\/plain)$/);
    }
  });
});

describe('T64: bytes changed at random', () => {
  const makers = {
    JPEG: files.photograph,
    PNG: files.pngWithAlpha,
    WebP: files.webp,
    AVIF: files.avif,
    'moving GIF': () => files.animation('gif'),
    'moving WebP': () => files.animation('webp'),
    WAV: files.wav,
    MP4: files.mp4WithPlace,
    WebM: files.webmWithPlace,
    ZIP: files.zip,
  };
  it.each(Object.entries(makers))(
    'of a %s are refused or not, and nothing else',
    async (_, make) => {
      const original = await make();
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), {
            minLength: 1,
            maxLength: 8,
          }),
          fc.nat(original.length),
          async (changes, cut) => {
            const bytes = Buffer.from(original);
            for (const [at, value] of changes) bytes[at] = value;
            await rm(folder, { recursive: true, force: true });
            await mkdir(folder);
            const outcome = await inspect(cut % 4 === 0 ? bytes.subarray(0, cut) : bytes).then(
              ({ kind }) => kind,
              (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
            );
            expect(['image', 'video', 'audio', 'file', 'INVALID']).toContain(outcome);
          },
        ),
        { numRuns: 40 },
      );
    },
  );
});

describe('T62: the declared type', () => {
  const lies: readonly [string, () => Uint8Array | Promise<Uint8Array>, string][] = [
    ['HTML as PNG', () => files.html, 'image/png'],
    ['JavaScript as JPEG', () => files.javascript, 'image/jpeg'],
    ['SVG as PNG', () => files.svgWithScript, 'image/png'],
    ['a bare SVG as WebP', () => files.bareSvg, 'image/webp'],
    ['a program as PDF', files.windowsProgram, 'application/pdf'],
    ['a program as text', files.windowsProgram, 'text/plain'],
    ['PNG as JPEG', files.pngWithAlpha, 'image/jpeg'],
    ['ZIP as PNG', files.zip, 'image/png'],
    ['PNG as text', files.pngWithAlpha, 'text/plain'],
    ['PDF as ZIP', files.pdf, 'application/zip'],
    ['JPEG as video', files.jpeg, 'video/mp4'],
    ['a playlist as video', () => files.playlist, 'video/mp4'],
    ['WAV as MP3', files.wav, 'audio/mpeg'],
    ['nothing as PNG', () => new Uint8Array(), 'image/png'],
  ];
  it.each(lies)('is refused for %s', async (_, make, declared) => {
    await expect(inspect(await make(), declared)).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA',
    });
    await expect(readdir(folder)).resolves.toEqual(['file']);
  });

  const truths: readonly [
    string,
    () => Uint8Array | Promise<Uint8Array>,
    string | undefined,
    object,
  ][] = [
    ['PDF', files.pdf, 'application/pdf', { kind: 'file', mimeType: 'application/pdf' }],
    [
      'ZIP',
      files.zip,
      'application/x-zip-compressed',
      { kind: 'file', mimeType: 'application/zip' },
    ],
    [
      'an unknown kind of ZIP',
      files.zip,
      'application/x-own',
      { kind: 'file', mimeType: 'application/zip' },
    ],
    ['text', () => Buffer.from('Grüße\n'), 'text/csv', { kind: 'file', mimeType: 'text/plain' }],
    ['HTML', () => files.html, 'text/html', { kind: 'file', mimeType: 'text/plain' }],
    [
      'a program',
      files.windowsProgram,
      undefined,
      { kind: 'file', mimeType: 'application/x-msdownload' },
    ],
    ['a playlist', () => files.playlist, undefined, { kind: 'file', mimeType: 'text/plain' }],
    [
      'bytes',
      () => Buffer.from([0, 1, 2]),
      'application/x-own',
      { kind: 'file', mimeType: 'application/octet-stream' },
    ],
    ['nothing', () => new Uint8Array(), undefined, { kind: 'file', mimeType: 'text/plain' }],
    [
      'PNG',
      files.pngWithAlpha,
      'application/octet-stream',
      { kind: 'image', mimeType: 'image/png' },
    ],
    ['JPEG', files.jpeg, 'IMAGE/JPG; name=x', { kind: 'image', mimeType: 'image/jpeg' }],
    ['WAV', files.wav, 'audio/x-wav', { kind: 'audio', mimeType: 'audio/wav', durationMs: 2000 }],
    [
      'MP4',
      files.mp4WithPlace,
      'video/quicktime',
      { kind: 'video', mimeType: 'video/mp4', durationMs: 3000 },
    ],
    ['a broken MP4', files.brokenMp4, 'video/mp4', { kind: 'video', mimeType: 'video/mp4' }],
  ];
  it.each(truths)('is not believed, but taken for %s', async (_, make, declared, expected) => {
    await expect(inspect(await make(), declared)).resolves.toMatchObject(expected);
  });
});

it.each([
  ['a picture', files.photograph],
  ['a GIF', () => files.animation('gif')],
  ['a video', files.mp4WithPlace],
] as const)('%s may be looked into again, as after a failure', async (_, make) => {
  const content = await make();
  const first = await inspect(content);
  const display = await readFile(first.derived.display ?? '');
  await expect(inspect(content)).resolves.toEqual(first);
  expect((await readFile(first.derived.display ?? '')).equals(display)).toBe(true);
});

describe('an avatar', () => {
  it('is the middle of a picture, upright', async () => {
    const path = join(folder, 'file');
    await writeFile(path, await files.photograph());
    const square = await inspection.squareAvatar(path);
    await expect(sharp(square).metadata()).resolves.toMatchObject({
      format: 'webp',
      width: 512,
      height: 512,
    });
    await expect(colourAt(square, 256, 20)).resolves.toEqual(red);
    await expect(colourAt(square, 256, 490)).resolves.toEqual(blue);
  });

  it('is made of nothing else', async () => {
    const path = join(folder, 'file');
    for (const content of [files.pdf(), files.svgWithScript, files.pngBomb(), files.wav()]) {
      await writeFile(path, content);
      await expect(inspection.squareAvatar(path)).rejects.toMatchObject({ code: 'INVALID' });
    }
  });
});

describe('the processes that look into files', () => {
  it('may die: that is the end of this file alone', async () => {
    const impatient = await MediaInspection.open({
      processes: 1,
      timeoutMs: 1,
      mostPixels: 50_000_000,
      ffmpegFolder: undefined,
    });
    const path = join(folder, 'file');
    await writeFile(path, await files.jpeg());
    for (let time = 0; time < 3; time += 1) {
      await expect(impatient.inspect(path)).rejects.toMatchObject({ code: 'INVALID' });
    }
    impatient.stop();
    await expect(impatient.inspect(path)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(inspection.inspect(path)).resolves.toMatchObject({ kind: 'image' });
  });

  it('say whether ffmpeg was found', () => {
    expect(inspection.ffmpegVersion).toBeUndefined();
  });
});
