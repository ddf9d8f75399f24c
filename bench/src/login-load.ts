import { randomUUID } from 'node:crypto';
import { credentialsOf } from './accounts.js';
import { postForAnswer } from './http.js';
import { figuresOf, type Login, type LoginFigures, outcomeOf } from './login-figures.js';
import { pace } from './pace.js';

export interface PacedLogins {
  readonly ratePerSecond: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/**
 * People who log in over HTTP with the right passwords, in turn. Each has a device for it: with a new one each time, the
 * server would soon cut the device on which he sends, as the one unused longest.
 */
export class LoginLoad {
  private readonly requests: readonly object[];

  /** @param accounts How many are registered. */
  constructor(
    private readonly url: string,
    accounts: number,
  ) {
    this.requests = Array.from({ length: accounts }, (_, account) => ({
      ...credentialsOf(account),
      device: { id: randomUUID() },
    }));
  }

  /** Logs in at a fixed rate, whether the server keeps up or not; resolves when all logins are answered. */
  async run({ ratePerSecond, warmUpMs, measureMs }: PacedLogins): Promise<LoginFigures> {
    const startMs = performance.now() + warmUpMs;
    const endMs = startMs + measureMs;
    const logins: Promise<Login>[] = [];
    await pace(ratePerSecond, endMs, (number) => logins.push(this.logIn(number)));
    return figuresOf(await Promise.all(logins), startMs, endMs);
  }

  private async logIn(number: number): Promise<Login> {
    const request = this.requests[number % this.requests.length];
    const askedAtMs = performance.now();
    const outcome = await postForAnswer(this.url, '/v1/auth/login', request).then(
      outcomeOf,
      () => 'no answer',
    );
    return { askedAtMs, answeredAtMs: performance.now(), outcome };
  }
}
