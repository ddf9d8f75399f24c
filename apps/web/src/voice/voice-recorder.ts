import type { NewFile, Readable } from '@natter/client';
import { createStore } from '../ui/store.js';

/** What is known of a recording while it is being made. */
export interface RecordingState {
  readonly elapsedMs: number;
  /** How loud it was, from 0 to 1, `LEVEL_MS` apart. */
  readonly levels: readonly number[];
}

const LEVEL_MS = 50;
const MOST_PEAKS = 64;
/** Peaks are told as whole numbers up to this. */
const HIGHEST_PEAK = 100;

/**
 * Best first: what is in an MP4 container plays everywhere, WebM does not play on all phones, whatever they claim. A
 * browser records what it can.
 */
const formats = ['audio/mp4;codecs=mp4a.40.2', 'audio/mp4', 'audio/webm;codecs=opus', 'audio/webm'];

function format(): string | undefined {
  return formats.find((type) => MediaRecorder.isTypeSupported(type));
}

/** Whether this browser can record at all. */
export function canRecord(): boolean {
  return typeof MediaRecorder === 'function' && format() !== undefined;
}

/** As few peaks as tell the shape, each the highest of its part. */
export function peaksOf(levels: readonly number[], most = MOST_PEAKS): number[] {
  const count = Math.min(levels.length, most);
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * levels.length) / count);
    const to = Math.floor(((index + 1) * levels.length) / count);
    return Math.round(Math.max(...levels.slice(from, to)) * HIGHEST_PEAK);
  });
}

/** How loud it is at this moment, from 0 to 1. */
function meterOf(context: AudioContext, stream: MediaStream): () => number {
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return () => {
    analyser.getFloatTimeDomainData(samples);
    return Math.min(
      samples.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0),
      1,
    );
  };
}

/** One recording of the microphone, which is let go of when it ends. */
export class VoiceRecorder {
  readonly state: Readable<RecordingState>;
  private readonly recorder: MediaRecorder;
  private readonly context = new AudioContext();
  private readonly parts: Blob[] = [];
  private readonly startedAt = performance.now();
  private readonly timer: ReturnType<typeof setInterval>;

  private constructor(private readonly stream: MediaStream) {
    const state = createStore<RecordingState>({ elapsedMs: 0, levels: [] });
    this.state = state;
    const mimeType = format();
    this.recorder = new MediaRecorder(stream, mimeType === undefined ? {} : { mimeType });
    this.recorder.addEventListener('dataavailable', ({ data }) => this.parts.push(data));
    const meter = meterOf(this.context, stream);
    this.timer = setInterval(() => {
      const { levels } = state.getSnapshot();
      state.set({ elapsedMs: performance.now() - this.startedAt, levels: [...levels, meter()] });
    }, LEVEL_MS);
    this.recorder.start();
  }

  /**
   * Asks for the microphone and begins.
   *
   * @throws {DOMException} `NotAllowedError` where the user or the browser refuses, `NotFoundError` where there is none.
   */
  static async start(): Promise<VoiceRecorder> {
    return new VoiceRecorder(await navigator.mediaDevices.getUserMedia({ audio: true }));
  }

  /** Ends it, and resolves with what is to be sent. */
  async finish(): Promise<NewFile> {
    const durationMs = Math.round(performance.now() - this.startedAt);
    await this.end();
    const mimeType = this.recorder.mimeType.split(';')[0] ?? '';
    const content = new Blob(this.parts, { type: mimeType });
    const fileName = mimeType === 'audio/mp4' ? 'voice.m4a' : 'voice.webm';
    const peaks = peaksOf(this.state.getSnapshot().levels);
    return {
      content,
      fileName,
      mimeType,
      voice: true,
      durationMs,
      ...(peaks.length > 0 && { peaks }),
    };
  }

  /** Ends it, and nothing is left. */
  cancel(): void {
    void this.end();
  }

  private async end(): Promise<void> {
    clearInterval(this.timer);
    if (this.recorder.state !== 'inactive') {
      const stopped = new Promise((resolve) => {
        this.recorder.addEventListener('stop', resolve, { once: true });
      });
      this.recorder.stop();
      await stopped;
    }
    for (const track of this.stream.getTracks()) track.stop();
    if (this.context.state !== 'closed') await this.context.close();
  }
}
