import { hash, verify } from '@node-rs/argon2';
import { Injectable } from '@nestjs/common';
import pLimit from 'p-limit';

/** Hashes that run at once: each takes tens of milliseconds of a core and 19 MiB, on libuv's threads. */
const CONCURRENCY = 2;

/** argon2id with the parameters that OWASP recommends, which are the library's defaults (AUTH-1). */
@Injectable()
export class Passwords {
  private readonly limit = pLimit(CONCURRENCY);
  /** Verified in place of a hash that does not exist, so that an unknown name takes as long as a known one. */
  private readonly decoy = this.hash('a password that nobody has');

  hash(password: string): Promise<string> {
    return this.limit(() => hash(password));
  }

  /**
   * @param before Run when it is this password's turn, so that of a burst of guesses none is hashed that the ones
   *   before it have made too many.
   */
  async verify(
    password: string,
    passwordHash: string | undefined,
    before: () => Promise<void> = () => Promise.resolve(),
  ): Promise<boolean> {
    const against = passwordHash ?? (await this.decoy);
    const matches = await this.limit(async () => {
      await before();
      return verify(against, password);
    });
    return matches && passwordHash !== undefined;
  }
}
