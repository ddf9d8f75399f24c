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

  async verify(password: string, passwordHash: string | undefined): Promise<boolean> {
    const against = passwordHash ?? (await this.decoy);
    const matches = await this.limit(() => verify(against, password));
    return matches && passwordHash !== undefined;
  }
}
