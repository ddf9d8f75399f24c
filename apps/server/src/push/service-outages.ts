/** Failures in a row after which a service is left alone for a while. */
const FAILURES = 3;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** Devices name the services, so there may be any number. */
const KEPT_SERVICES = 10_000;

interface Trouble {
  failures: number;
  pausedUntil: number;
}

/** Which push services do not answer: they are left alone, so that an outage of one holds up no other. */
export class ServiceOutages {
  private readonly troubles = new Map<string, Trouble>();

  constructor(
    private readonly pauseMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The services that are to be left alone now. */
  get paused(): string[] {
    const now = this.now();
    return [...this.troubles].flatMap(([service, { pausedUntil }]) =>
      pausedUntil > now ? [service] : [],
    );
  }

  noteSuccess(service: string): void {
    this.troubles.delete(service);
  }

  /** Says whether the service is left alone from now on. */
  noteFailure(service: string): boolean {
    const now = this.now();
    const trouble = this.troubles.get(service) ?? { failures: 0, pausedUntil: 0 };
    // What was under way when the pause began tells nothing new.
    if (trouble.pausedUntil > now) return false;
    trouble.failures += 1;
    // The one that is in trouble now is the last to be forgotten.
    this.troubles.delete(service);
    this.troubles.set(service, trouble);
    if (this.troubles.size > KEPT_SERVICES) this.forgetOldest();
    if (trouble.failures < FAILURES) return false;
    const pause = this.pauseMs * 2 ** (trouble.failures - FAILURES);
    trouble.pausedUntil = now + Math.min(pause, LONGEST_PAUSE_MS);
    return true;
  }

  private forgetOldest(): void {
    const [oldest] = this.troubles.keys();
    if (oldest !== undefined) this.troubles.delete(oldest);
  }
}
