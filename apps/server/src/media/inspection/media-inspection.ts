import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import type { InspectionConfig } from '../../config/config.js';
import { invalid, NatterError } from '../../errors/natter-error.js';
import { type ContentType, judge } from './content-type.js';
import { Ffmpeg } from './ffmpeg.js';
import { type Inspection, type Job, JobAnswer, JobResults } from './inspection.js';
import { JobAborted, ProcessPool } from './process-pool.js';
import { PLAIN_LIMITS, pictureLimits } from './picture-limits.js';
import { ToolFailure } from './tools.js';
import type { ProcessLimits } from './watch-process.js';

/** Of ffmpeg, which is given frames of up to 40 million pixels. */
const FFMPEG_BYTES = 1024 * 1024 * 1024;
const PROCESS_HEAP_MIB = 128;

/** The types, behind `video/` or `audio/`, of which we know where their notes are, and how they are built. */
const CONTAINERS: Readonly<Record<string, 'iso' | 'matroska'>> = {
  mp4: 'iso',
  quicktime: 'iso',
  '3gpp': 'iso',
  '3gpp2': 'iso',
  webm: 'matroska',
  matroska: 'matroska',
};

const here = fileURLToPath(import.meta.url);
const PROGRAM = join(dirname(here), `inspection-program${extname(here)}`);

/** Looks into files that may be anything, in processes that may die of them. */
export class MediaInspection {
  private readonly pool: ProcessPool;

  private constructor(
    private readonly settings: InspectionConfig,
    private readonly ffmpeg: Ffmpeg | undefined,
  ) {
    const { processes, timeoutMs } = settings;
    this.pool = new ProcessPool(PROGRAM, {
      processes,
      timeoutMs,
      limits: PLAIN_LIMITS,
      heapMib: PROCESS_HEAP_MIB,
    });
  }

  /** Looks for ffmpeg, without which videos have no pictures, and recordings no peaks. */
  static async open(settings: InspectionConfig): Promise<MediaInspection> {
    const limits = { timeoutMs: settings.timeoutMs, memoryBytes: FFMPEG_BYTES };
    const ffmpeg = await Ffmpeg.find(settings.ffmpegFolder, limits, settings.processes);
    return new MediaInspection(settings, ffmpeg);
  }

  /** The version of ffmpeg that was found; for the health answer. */
  get ffmpegVersion(): string | undefined {
    return this.ffmpeg?.version;
  }

  /**
   * Finds out what a file is, and makes of it what others get. That is written beside the file, under its name with
   * endings, and is the caller's to remove, also where this rejects.
   *
   * @param path Absolute, in a folder of its own.
   * @param declared The type that its sender says it has; it is not believed.
   * @throws {NatterError} `UNSUPPORTED_MEDIA` where it is not what it is declared to be, `INVALID` where it is a picture
   *   that is broken or too much to decode, `UNAVAILABLE` where no process can be had,
   *   as after `stop`, or the disk is full.
   */
  async inspect(path: string, declared?: string): Promise<Inspection> {
    const type = judge(await this.run({ task: 'identify', path }, JobResults.identify), declared);
    switch (type.kind) {
      case 'image':
        return this.inspectImage(path);
      case 'video':
      case 'audio':
        return this.inspectRecording(path, type);
      case 'file':
        return { ...type, derived: {} };
    }
  }

  /**
   * Cuts the middle out of a picture, upright, 512 pixels wide and high, as WebP; resolves with its path, beside the
   * file.
   *
   * @throws {NatterError} `INVALID` where it is no picture that can be decoded.
   */
  async squareAvatar(path: string): Promise<string> {
    const square = `${path}.square`;
    const { mostPixels } = this.settings;
    const limits = await this.limitsOf(path);
    await this.run({ task: 'avatar', path, square, mostPixels }, JobResults.avatar, limits);
    return square;
  }

  /** Ends what is under way; to be called once nothing is asked any more. */
  stop(): void {
    this.pool.stop();
  }

  private async inspectImage(path: string): Promise<Inspection> {
    const [display, thumbnail] = [`${path}.display`, `${path}.thumbnail`];
    const { mostPixels } = this.settings;
    const facts = await this.run(
      { task: 'image', path, display, thumbnail, mostPixels },
      JobResults.image,
      await this.limitsOf(path),
    );
    return { kind: 'image', ...facts, derived: { display, thumbnail } };
  }

  private async limitsOf(path: string): Promise<ProcessLimits> {
    const { mostPixels } = this.settings;
    const head = await this.run({ task: 'measure', path, mostPixels }, JobResults.measure);
    // Whoever answers, it is never let to take more than for the largest of pictures.
    return pictureLimits({ ...head, pixels: Math.min(head.pixels, mostPixels) });
  }

  /** What cannot be found out of a recording is left out: players know more forms than we do. */
  private async inspectRecording(path: string, type: ContentType): Promise<Inspection> {
    const [container, probed] = await Promise.all([
      tolerant(this.run({ task: 'recording', path }, JobResults.recording)),
      this.ffmpeg?.canRead(type.mimeType)
        ? tolerant(this.ffmpeg.probe(path, type.mimeType))
        : undefined,
    ]);
    const { mimeType } = type;
    const durationMs = probed?.durationMs ?? container?.durationMs;
    const hasVideo = probed ? probed.video !== undefined : container?.hasVideo;
    if (hasVideo ?? type.kind === 'video') {
      const [poster, display] = await Promise.all([
        this.poster(path, mimeType, durationMs),
        this.withoutNotes(path, mimeType),
      ]);
      return {
        kind: 'video',
        mimeType: mimeType.replace(/^\w+/, 'video'),
        durationMs,
        ...probed?.video,
        ...(poster && { thumbhash: poster.thumbhash }),
        derived: { ...display, ...(poster && { thumbnail: poster.thumbnail }) },
      };
    }
    const [loudness, derived] = await Promise.all([
      this.ffmpeg?.canRead(mimeType) ? tolerant(this.ffmpeg.loudness(path, mimeType)) : undefined,
      this.withoutNotes(path, mimeType),
    ]);
    const peaks = loudness?.peaks() ?? [];
    return {
      kind: 'audio',
      mimeType: mimeType.replace(/^\w+/, 'audio'),
      durationMs: durationMs ?? loudness?.durationMs,
      ...(peaks.length > 0 && { peaks }),
      derived,
    };
  }

  private async poster(
    path: string,
    mimeType: string,
    durationMs: number | undefined,
  ): Promise<{ readonly thumbhash: string; readonly thumbnail: string } | undefined> {
    if (!this.ffmpeg?.canRead(mimeType)) return undefined;
    const [frame, thumbnail] = [`${path}.frame`, `${path}.thumbnail`];
    const made = await tolerant(
      this.ffmpeg
        .writePoster(path, mimeType, durationMs, frame)
        .then(() => this.run({ task: 'poster', path: frame, thumbnail }, JobResults.poster)),
    );
    return made && { ...made, thumbnail };
  }

  private async withoutNotes(path: string, mimeType: string): Promise<Inspection['derived']> {
    const container = CONTAINERS[mimeType.replace(/^\w+\//, '')];
    if (!container) return {};
    const display = `${path}.display`;
    const { hadNotes } = await this.run(
      { task: 'withoutNotes', path, container, display },
      JobResults.withoutNotes,
    );
    return hadNotes ? { display } : {};
  }

  private async run<T>(job: Job, expected: z.core.$ZodType<T>, limits?: ProcessLimits): Promise<T> {
    const { data: answer } = z.safeParse(JobAnswer, await this.answerTo(job, limits));
    if (answer?.ok) {
      const { success, data } = z.safeParse(expected, answer.result);
      // What no task answers, a file has made its process answer.
      if (!success) throw invalid('file', 'is broken');
      return data;
    }
    if (!answer) throw invalid('file', 'is broken');
    if (answer.failure === 'system') {
      throw new NatterError('UNAVAILABLE', undefined, { cause: new Error(answer.reason) });
    }
    const why =
      answer.failure === 'tooManyPixels'
        ? `has more than ${this.settings.mostPixels} pixels, or too many frames`
        : 'is broken';
    throw invalid('file', why);
  }

  private async answerTo(job: Job, limits?: ProcessLimits): Promise<unknown> {
    try {
      return await this.pool.run(job, limits);
    } catch (error) {
      if (!(error instanceof JobAborted)) throw error;
      if (error.by === 'pool') throw new NatterError('UNAVAILABLE', undefined, { cause: error });
      throw invalid('file', 'takes too much to be looked into');
    }
  }
}

/** What is done with a recording, or `undefined` where it cannot be done with this one. */
async function tolerant<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const isOfTheFile = error instanceof ToolFailure || error instanceof NatterError;
    if (isOfTheFile && !(error instanceof NatterError && error.retryable)) return undefined;
    throw error;
  }
}
