import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

/** Left half red, right half blue, so that it is seen which way a picture was turned. */
function halves(width: number, height: number, alpha = 1): Sharp {
  const half = { width: Math.floor(width / 2), height, channels: 4 } as const;
  return sharp({
    create: { width, height, channels: 4, background: { r: 0, g: 0, b: 255, alpha } },
  }).composite([
    { input: { create: { ...half, background: { r: 255, g: 0, b: 0, alpha } } }, left: 0, top: 0 },
  ]);
}

/** A photograph as a telephone makes it: 60 x 40 pixels to be turned to the right, with the place where it was taken. */
export function photograph(): Promise<Buffer> {
  return halves(60, 40)
    .withExif({
      IFD0: { Make: 'Natter', Model: 'Secret Camera' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1', GPSLongitudeRef: 'E' },
    })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
}

export function jpeg(width = 60, height = 40): Promise<Buffer> {
  return halves(width, height).jpeg().toBuffer();
}

/** Half transparent. */
export function pngWithAlpha(): Promise<Buffer> {
  return halves(30, 20, 0.5).png().toBuffer();
}

/** @param pixels Red, green and blue of each, line by line. */
export function png(width: number, height: number, pixels: Buffer): Promise<Buffer> {
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** What a picture shows, whatever it is written as: red, green and blue of each pixel, line by line. */
export function pixelsOf(picture: Buffer): Promise<Buffer> {
  return sharp(picture).removeAlpha().raw().toBuffer();
}

export function webp(): Promise<Buffer> {
  return halves(60, 40).webp().toBuffer();
}

export function avif(): Promise<Buffer> {
  return halves(60, 40).avif({ effort: 0 }).toBuffer();
}

export function tiff(): Promise<Buffer> {
  return halves(20, 20).tiff().toBuffer();
}

/** An animation of grey frames that become brighter, 40 x 30 pixels. */
export async function animation(format: 'gif' | 'webp', frames = 3): Promise<Buffer> {
  const [width, height] = [40, 30];
  const pixels = Buffer.alloc(width * height * frames * 3);
  for (let frame = 0; frame < frames; frame += 1) {
    const size = width * height * 3;
    pixels.fill(Math.round((255 * frame) / frames), frame * size, (frame + 1) * size);
  }
  const raw = { width, height: height * frames, channels: 3, pageHeight: height } as const;
  const delay = Array.from({ length: frames }, () => 100);
  const picture = sharp(pixels, { raw });
  return format === 'gif'
    ? picture.gif({ delay, loop: 0, keepDuplicateFrames: true }).toBuffer()
    : picture.webp({ delay, loop: 0 }).toBuffer();
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

/** A small file that says it is a picture of that many pixels, and is none. */
export function pngBomb(width = 50_000, height = 50_000): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(8, 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1_000_000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A GIF of very many frames of one pixel each. */
export function gifBomb(frames = 10_000): Buffer {
  const header = Buffer.from('47494638396101000100800000000000ffffff', 'hex');
  const frame = Buffer.from('21f90400010000002c0000000001000100000202440100', 'hex');
  return Buffer.concat([
    header,
    ...Array.from({ length: frames }, () => frame),
    Buffer.from(';', 'latin1'),
  ]);
}
