import pLimit from 'p-limit';
import * as z from 'zod/mini';
import { durationOf } from './duration.js';
import { Loudness } from './loudness.js';
import { findTool, outputOf, runTool, ToolFailure, type ToolLimits } from './tools.js';

/** What ffprobe tells of a recording. */
export interface Recording {
  readonly durationMs?: number;
  readonly hasAudio: boolean;
  /** As it is to be shown. */
  readonly video?: { readonly width: number; readonly height: number };
}

/** Which demuxer reads a type; no other is ever tried, so that no file can pass for a playlist. */
const demuxers: Readonly<Record<string, string>> = {
  'video/mp4': 'mov',
  'audio/mp4': 'mov',
  'video/quicktime': 'mov',
  'video/3gpp': 'mov',
  'video/3gpp2': 'mov',
  'video/webm': 'matroska',
  'audio/webm': 'matroska',
  'video/matroska': 'matroska',
  'audio/matroska': 'matroska',
  'video/ogg': 'ogg',
  'audio/ogg': 'ogg',
  'application/ogg': 'ogg',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'audio/flac': 'flac',
  'audio/aac': 'aac',
  'audio/amr': 'amr',
  'audio/aiff': 'aiff',
  'video/vnd.avi': 'avi',
};

/** More than those of a film in 8K. */
const MOST_FRAME_PIXELS = 40_000_000;
const POSTER_EDGE = 480;
/** How far into a video its poster is looked for. */
const POSTER_FROM_MS = 1000;
const SAMPLE_RATE = 8000;
/** Longer recordings get no peaks: they are no voice notes. */
const LONGEST_PEAKS_SECONDS = 900;
const MOST_ALLOCATION_BYTES = 256 * 1024 * 1024;

const seconds = z.optional(z.pipe(z.transform(Number), z.number()));

const Probe = z.object({
  format: z.optional(z.object({ duration: seconds })),
  streams: z.optional(
    z.array(
      z.object({
        codec_type: z.optional(z.string()),
        width: z.optional(z.number()),
        height: z.optional(z.number()),
        duration: seconds,
        disposition: z.optional(z.object({ attached_pic: z.optional(z.number()) })),
        side_data_list: z.optional(z.array(z.object({ rotation: z.optional(z.number()) }))),
      }),
    ),
  ),
});
type Stream = NonNullable<z.output<typeof Probe>['streams']>[number];

/** The programs ffmpeg and ffprobe, as far as we need them, on files that may be made to harm. */
export class Ffmpeg {
  private readonly limit: ReturnType<typeof pLimit>;

  private constructor(
    readonly version: string,
    private readonly ffmpeg: string,
    private readonly ffprobe: string,
    private readonly limits: ToolLimits,
    atOnce: number,
  ) {
    this.limit = pLimit(atOnce);
  }

  /** @returns `undefined` where one of the two is not installed, or does not run. */
  static async find(
    folder: string | undefined,
    limits: ToolLimits,
    atOnce: number,
  ): Promise<Ffmpeg | undefined> {
    const [ffmpeg, ffprobe] = await Promise.all(
      ['ffmpeg', 'ffprobe'].map((name) => findTool(name, folder)),
    );
    if (ffmpeg === undefined || ffprobe === undefined) return undefined;
    try {
      await outputOf(ffprobe, ['-version'], limits);
      const version = /version (\S+)/.exec(await outputOf(ffmpeg, ['-version'], limits))?.[1];
      return new Ffmpeg(version ?? 'unknown', ffmpeg, ffprobe, limits, atOnce);
    } catch {
      return undefined;
    }
  }

  canRead(mimeType: string): boolean {
    return Object.hasOwn(demuxers, mimeType);
  }

  /** @throws {ToolFailure} where the file cannot be read as what it is said to be. */
  async probe(path: string, mimeType: string): Promise<Recording> {
    const entries =
      'format=duration:stream=codec_type,width,height,duration:stream_disposition=attached_pic:' +
      'stream_side_data=rotation';
    const output = await this.limit(() =>
      outputOf(
        this.ffprobe,
        ['-v', 'error', ...input(path, mimeType), '-show_entries', entries, '-of', 'json'],
        this.limits,
      ),
    );
    return recordingOf(output);
  }

  /** Writes one frame of a video as a PNG, upright and small. */
  async writePoster(
    path: string,
    mimeType: string,
    durationMs: number | undefined,
    poster: string,
  ): Promise<void> {
    const at = Math.min(POSTER_FROM_MS, (durationMs ?? 0) / 10) / 1000;
    const small = `scale=min(${POSTER_EDGE}\\,iw):min(${POSTER_EDGE}\\,ih):force_original_aspect_ratio=decrease`;
    await this.convert([
      '-ss',
      at.toFixed(3),
      ...input(path, mimeType),
      '-map',
      '0:v:0',
      '-frames:v',
      '1',
      '-vf',
      small,
      '-f',
      'image2',
      '-update',
      '1',
      '-c:v',
      'png',
      `file:${poster}`,
    ]);
  }

  /** How loud a recording is; of one that is longer than a quarter of an hour, its beginning. */
  async loudness(path: string, mimeType: string): Promise<Loudness> {
    const loudness = new Loudness(SAMPLE_RATE);
    await this.convert(
      [
        ...input(path, mimeType),
        '-map',
        '0:a:0',
        '-t',
        String(LONGEST_PEAKS_SECONDS),
        '-ac',
        '1',
        '-ar',
        String(SAMPLE_RATE),
        '-f',
        's16le',
        'pipe:1',
      ],
      (chunk) => loudness.take(chunk),
    );
    return loudness;
  }

  private convert(
    args: readonly string[],
    take: (chunk: Buffer) => void = () => undefined,
  ): Promise<void> {
    const quiet = ['-v', 'error', '-nostdin', '-y', '-threads', '1'];
    const bounded = ['-max_alloc', String(MOST_ALLOCATION_BYTES)];
    return this.limit(() =>
      runTool(this.ffmpeg, [...quiet, ...bounded, ...args], this.limits, take),
    );
  }
}

/** Neither the network nor, by whatever a file refers to, another file is opened; nor are huge frames decoded. */
function input(path: string, mimeType: string): string[] {
  const demuxer = demuxers[mimeType] ?? '';
  return [
    '-max_pixels',
    String(MOST_FRAME_PIXELS),
    '-protocol_whitelist',
    'file',
    '-format_whitelist',
    demuxer,
    '-f',
    demuxer,
    '-i',
    `file:${path}`,
  ];
}

function recordingOf(output: string): Recording {
  const probe = z.safeParse(Probe, JSON.parse(output));
  if (!probe.success) throw new ToolFailure('it said what we do not understand');
  const { format, streams = [] } = probe.data;
  const video = streams.find(isVideo);
  return {
    ...durationOf(format?.duration ?? video?.duration),
    hasAudio: streams.some(({ codec_type }) => codec_type === 'audio'),
    ...(video?.width !== undefined &&
      video.height !== undefined && { video: upright(video.width, video.height, video) }),
  };
}

/** Not the cover of a piece of music. */
function isVideo({ codec_type, disposition }: Stream): boolean {
  return codec_type === 'video' && disposition?.attached_pic !== 1;
}

function upright(width: number, height: number, { side_data_list }: Stream) {
  const rotation = side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? 0;
  const isOnItsSide = Math.abs(rotation) % 180 === 90;
  return isOnItsSide ? { width: height, height: width } : { width, height };
}
