import { availableParallelism } from 'node:os';
import { hash, type Options, verify } from '@node-rs/argon2';
import { Inject, Injectable } from '@nestjs/common';
import pLimit, { type LimitFunction } from 'p-limit';
import { CONFIG, type Config } from '../config/config.js';
import { overload } from '../errors/overload.js';

/** Hashes that run at once, on libuv's threads. One core is left to the event loop, on which everybody's sends run. */
const CONCURRENCY = Math.max(1, availableParallelism() - 1);
/** Passwords take tens of milliseconds each. */
const RETRY_AROUND_MS = 2000;

/** argon2id, which is the library's default (AUTH-1). */
@Injectable()
export class Passwords {
  private readonly turns = pLimit(CONCURRENCY);
  /** New passwords come to their turn a few at a time, so that a flood of registrations does not go before logins. */
  private readonly newcomers = pLimit(CONCURRENCY);
  /** Verified in place of a hash that does not exist, so that an unknown name takes as long as a known one. */
  private readonly decoy: Promise<string>;
  private readonly options: Options;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'passwordCost' | 'capacity'>) {
    const { passwordCost } = config;
    this.options = {
      memoryCost: passwordCost.memoryKib,
      timeCost: passwordCost.passes,
      parallelism: 1,
    };
    this.decoy = hash('a password that nobody has', this.options);
  }

  /**
   * @param before As for `verify`.
   * @throws {NatterError} `UNAVAILABLE` where too many passwords wait, and what `before` throws.
   */
  hash(password: string, before: () => Promise<void> = () => Promise.resolve()): Promise<string> {
    return this.queue(this.newcomers, () =>
      this.turns(async () => {
        await before();
        return hash(password, this.options);
      }),
    );
  }

  /**
   * @param before Run when it is this password's turn, so that of a burst of guesses none is hashed that the ones
   *   before it have made too many.
   * @throws {NatterError} `UNAVAILABLE` where too many passwords wait, and what `before` throws.
   */
  async verify(
    password: string,
    passwordHash: string | undefined,
    before: () => Promise<void> = () => Promise.resolve(),
  ): Promise<boolean> {
    const against = passwordHash ?? (await this.decoy);
    const matches = await this.queue(this.turns, async () => {
      await before();
      return verify(against, password);
    });
    return matches && passwordHash !== undefined;
  }

  private queue<T>(line: LimitFunction, action: () => Promise<T>): Promise<T> {
    if (line.pendingCount < this.config.capacity.waitingPasswords) return line(action);
    return Promise.reject(
      overload('Too many people log in at once; try again shortly', RETRY_AROUND_MS),
    );
  }
}
