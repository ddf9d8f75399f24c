import { writeFile } from 'node:fs/promises';
import type { RunCounts, Target } from '../generator/contract.js';
import type { Options } from '../options.js';
import { Inspector } from '../processes/inspector.js';
import type { MeasuredServer } from '../processes/measured-server.js';
import { say } from '../progress.js';
import { ratioOf, type Repetition, totalOf } from '../repetition.js';
import type { Affinities, NatterStage, Stage } from '../stage.js';
import type { Spread } from '../statistics.js';
import { runLoad } from './load.js';

const FIRST_WARM_UP_MS = 4000;
const WARM_UP_MS = 1500;
const PROFILE_SAMPLE_MICROSECONDS = 250;

/**
 * Sends against committed transactions, from the end of the first repetition to the end of the last. A backend reports
 * what it committed up to 10 s late, which the echoes of each repetition wait out, the registrations before do not.
 */
export interface TransactionFigures {
  readonly sends: number;
  /** Absent where there was one repetition alone, or the database could not be asked. */
  readonly committed: number | undefined;
}

export interface DurableFigures {
  readonly durable: readonly Repetition[];
  readonly raw: readonly Repetition[];
  readonly ratio: Spread;
  /** Over all durable repetitions, warm-up and drain included. */
  readonly total: RunCounts;
  readonly transactions: TransactionFigures;
  /** As found after the last repetition. */
  readonly affinities: Affinities;
}

function difference(readings: readonly (number | undefined)[]): number | undefined {
  const [first] = readings;
  const last = readings.at(-1);
  if (readings.length < 2 || first === undefined || last === undefined) return undefined;
  return last - first;
}

/** Stored one-to-one messages and bare echoes in turn, so that both meet the same weather on the machine. */
export class DurableScenario {
  private readonly durable: Repetition[] = [];
  private readonly raw: Repetition[] = [];

  constructor(
    private readonly stage: Stage,
    private readonly natter: NatterStage,
    private readonly rawEcho: MeasuredServer,
    private readonly options: Options,
  ) {}

  /** The connections of both targets must be open in the generator. */
  async run(): Promise<DurableFigures> {
    const committed: (number | undefined)[] = [];
    for (let repetition = 1; repetition <= this.options.repetitions; repetition += 1) {
      say(`repetition ${repetition} of ${this.options.repetitions}`);
      const warmUpMs = repetition === 1 ? FIRST_WARM_UP_MS : WARM_UP_MS;
      this.durable.push(await this.load('natter', warmUpMs));
      this.raw.push(await this.load('raw', warmUpMs));
      committed.push(await this.natter.postgres?.committed());
    }
    const affinities = this.stage.affinities(this.natter, this.rawEcho);
    if (this.options.profileFile !== undefined) await this.profile(this.options.profileFile);
    return {
      durable: this.durable,
      raw: this.raw,
      ratio: ratioOf(this.durable, this.raw, 'perServerCore'),
      total: totalOf(this.durable),
      transactions: {
        sends: totalOf(this.durable.slice(1)).acknowledged,
        committed: difference(committed),
      },
      affinities,
    };
  }

  private load(target: Target, warmUpMs: number): Promise<Repetition> {
    const isNatter = target === 'natter';
    return runLoad(this.stage, isNatter ? this.natter : this.rawEcho, {
      target,
      outstanding: isNatter ? this.options.outstanding : this.options.rawOutstanding,
      warmUpMs,
      measureMs: this.options.plan.durableMs,
    });
  }

  /** Not among the repetitions: profiling costs what it measures. */
  private async profile(file: string): Promise<void> {
    say('profiling the server under the durable load');
    const inspector = await Inspector.attach(this.natter.logFile);
    const profile = await inspector.profile(PROFILE_SAMPLE_MICROSECONDS, () =>
      this.load('natter', WARM_UP_MS),
    );
    inspector.close();
    await writeFile(file, JSON.stringify(profile));
  }
}
