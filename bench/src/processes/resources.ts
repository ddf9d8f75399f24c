export interface Giving {
  /** Gives the thing back; called at most once. */
  release(): Promise<void> | void;
  /** The same at once and by force, where our process ends without having waited. */
  atExit(): void;
}

/** What a run has to give back, whichever way it ends. */
export class Resources {
  private readonly held: Giving[] = [];
  private releasing: Promise<void> | undefined;

  constructor() {
    process.once('exit', () => {
      for (const giving of this.held.toReversed()) giving.atExit();
    });
  }

  /** Whether the run is ending: what fails from now on, fails because of that. */
  get ending(): boolean {
    return this.releasing !== undefined;
  }

  /** @throws once the run is ending: whatever was started then would be left behind. */
  requireOpen(): void {
    if (this.releasing) throw new Error('Unable to start anything more; the run is ending');
  }

  /** Takes over a thing. Things are given back in the reverse order of their adding. */
  add<T>(thing: T, giving: Giving): T {
    this.held.push(giving);
    return thing;
  }

  /** Gives everything back, also where something cannot be. A second call waits for the first. */
  release(): Promise<void> {
    this.releasing ??= this.releaseAll();
    return this.releasing;
  }

  private async releaseAll(): Promise<void> {
    for (let giving = this.held.at(-1); giving; giving = this.held.at(-1)) {
      try {
        await giving.release();
      } catch (error) {
        process.stderr.write(`Unable to clean up: ${String(error)}\n`);
      }
      this.held.pop();
    }
  }
}
