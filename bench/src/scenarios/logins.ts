import type { LatencyFigures, Room, RunCounts, Verification } from '../generator/contract.js';
import { type DiskFlush, measureFlush } from '../host.js';
import type { LoginFigures } from '../login-figures.js';
import { LoginLoad } from '../login-load.js';
import type { Generator } from '../processes/generator.js';
import { affinitiesOf } from '../processes/proc.js';
import { say } from '../progress.js';
import { sumOf } from '../run-counts.js';
import type { NatterStage, Stage } from '../stage.js';
import { type Spread, spreadOf } from '../statistics.js';

const SENDS_PER_SECOND = 500;
const LOGINS_PER_SECOND = 50;
const FIRST_WARM_UP_MS = 4000;
const WARM_UP_MS = 2000;
const MEASURE_MS = 8000;

/** The same sends without logins, and then with them. */
export interface LoginRound {
  readonly quiet: LatencyFigures;
  readonly busy: LatencyFigures;
  readonly logins: LoginFigures;
}

export interface LoginsFigures {
  readonly sendsPerSecond: number;
  readonly loginsPerSecond: number;
  /** How many log in. */
  readonly accounts: number;
  /** Where the server may run, as the kernel says. */
  readonly serverCores: string;
  /** Just before the first round. */
  readonly flush: DiskFlush;
  readonly rounds: readonly LoginRound[];
  /** The p99 with logins by the one without, of each round. */
  readonly ratios: { readonly acknowledgement: Spread; readonly delivery: Spread };
  /** Over all sends, warm-up and drain included. */
  readonly total: RunCounts;
  readonly verification: Verification;
}

export interface LoginsOptions {
  /** Registered accounts, all of which log in. */
  readonly accounts: number;
  readonly rounds: number;
  readonly bodyBytes: number;
}

/**
 * What logins do to everybody's sends. Nothing is pinned: an operator's server has all cores, and hashing a password
 * takes one of them. The logins come from this process, so that the generator's clock is not disturbed by them.
 */
class LoginsScenario {
  private readonly loginLoad: LoginLoad;

  constructor(
    private readonly stage: Stage,
    private readonly natter: NatterStage,
    private readonly generator: Generator,
    private readonly options: LoginsOptions,
  ) {
    this.loginLoad = new LoginLoad(natter.url, options.accounts);
  }

  async run(): Promise<LoginsFigures> {
    say('warming up sends and logins');
    const warmUp = await this.sendAndLogIn(0, FIRST_WARM_UP_MS);
    const flush = measureFlush(this.stage.folder);
    const rounds: LoginRound[] = [];
    for (let round = 1; round <= this.options.rounds; round += 1) {
      say(`sends without and with logins, round ${round} of ${this.options.rounds}`);
      const quiet = await this.send(WARM_UP_MS, MEASURE_MS);
      rounds.push({ quiet, ...(await this.sendAndLogIn(WARM_UP_MS, MEASURE_MS)) });
    }
    const serverCores = affinitiesOf(this.natter.child.processId).join(' and ');
    say('reading back what was acknowledged');
    const verification = await this.generator.call('verify', { url: this.natter.url });
    return {
      sendsPerSecond: SENDS_PER_SECOND,
      loginsPerSecond: LOGINS_PER_SECOND,
      accounts: this.options.accounts,
      serverCores,
      flush,
      rounds,
      ratios: {
        acknowledgement: spreadOf(
          rounds.map(({ quiet, busy }) => busy.acknowledgementP99Ms / quiet.acknowledgementP99Ms),
        ),
        delivery: spreadOf(
          rounds.map(({ quiet, busy }) => busy.deliveryP99Ms / quiet.deliveryP99Ms),
        ),
      },
      total: sumOf([
        warmUp.busy.run,
        ...rounds.flatMap(({ quiet, busy }) => [quiet.run, busy.run]),
      ]),
      verification,
    };
  }

  private send(warmUpMs: number, measureMs: number): Promise<LatencyFigures> {
    return this.stage.load(this.natter, warmUpMs, () =>
      this.generator.call('pacedLoop', {
        target: 'natter',
        ratePerSecond: SENDS_PER_SECOND,
        warmUpMs,
        measureMs,
      }),
    );
  }

  private async sendAndLogIn(
    warmUpMs: number,
    measureMs: number,
  ): Promise<Pick<LoginRound, 'busy' | 'logins'>> {
    const [busy, logins] = await Promise.all([
      this.send(warmUpMs, measureMs),
      this.loginLoad.run({ ratePerSecond: LOGINS_PER_SECOND, warmUpMs, measureMs }),
    ]);
    return { busy, logins };
  }
}

/**
 * Runs on a fresh server.
 *
 * @param pairs Their chats must be empty: whatever is in them is compared with what this scenario sends.
 */
export async function runLogins(
  stage: Stage,
  pairs: readonly Room[],
  options: LoginsOptions,
): Promise<LoginsFigures> {
  const natter = await stage.startNatter([], 'free');
  const generator = await stage.startFreeGenerator();
  const { bodyBytes } = options;
  await generator.call('openRooms', {
    target: 'natter',
    url: natter.url,
    rooms: pairs,
    bodyBytes,
    delivers: true,
  });
  const figures = await new LoginsScenario(stage, natter, generator, options).run();
  await generator.call('closeRooms', { target: 'natter' });
  await generator.end();
  await natter.child.end();
  return figures;
}
