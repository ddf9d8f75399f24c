const PARTS = 100;
const BLOCKS_PER_SECOND = 50;
const BYTES_PER_SAMPLE = 2;
const HIGHEST = 100;

/** Gathers how loud a recording is, from its samples: 16 bits, little-endian, one channel. */
export class Loudness {
  private readonly blocks: number[] = [];
  private readonly blockSamples: number;
  private readonly sampleRate: number;
  private samples = 0;
  private loudest = 0;
  /** The first half of a sample whose other half is in the next chunk. */
  private rest: Buffer = Buffer.alloc(0);

  constructor(sampleRate: number) {
    this.sampleRate = sampleRate;
    this.blockSamples = sampleRate / BLOCKS_PER_SECOND;
  }

  /** Of what was taken so far. */
  get durationMs(): number {
    return Math.round((this.samples / this.sampleRate) * 1000);
  }

  take(chunk: Buffer): void {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    const whole = bytes.length - (bytes.length % BYTES_PER_SAMPLE);
    for (let at = 0; at < whole; at += BYTES_PER_SAMPLE) {
      this.loudest = Math.max(this.loudest, Math.abs(bytes.readInt16LE(at)));
      this.samples += 1;
      if (this.samples % this.blockSamples === 0) this.endBlock();
    }
    this.rest = bytes.subarray(whole);
  }

  /** The loudest of each of 100 equal parts, or fewer where it is short, from 0 to 100. */
  peaks(): number[] {
    if (this.samples % this.blockSamples !== 0) this.endBlock();
    const { blocks } = this;
    const count = Math.min(PARTS, blocks.length);
    const parts = Array.from({ length: count }, (_, part) => {
      const [from, to] = [part, part + 1].map((at) => Math.floor((at * blocks.length) / count));
      return Math.max(...blocks.slice(from, to));
    });
    const highest = Math.max(1, ...parts);
    return parts.map((part) => Math.round((part / highest) * HIGHEST));
  }

  private endBlock(): void {
    this.blocks.push(this.loudest);
    this.loudest = 0;
  }
}
