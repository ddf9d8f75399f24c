import type { Brain } from './engine/brain.js';
import type { Readable } from './readable.js';

/**
 * A value of which a client does not have everything by itself. While somebody follows it, what is missing is loaded as
 * soon as the server can be reached.
 */
export interface Loadable<T> extends Readable<T> {
  /**
   * Loads it anew. Who follows it need not call this.
   *
   * @throws {ChatError} where it could not be loaded.
   */
  load(): Promise<void>;
}

export interface Demand {
  /** Names what is missing now; `undefined` where nothing is. */
  readonly missing: () => string | undefined;
  readonly load: () => Promise<void>;
}

/** Makes a value loadable. A connection asks once for the same thing: what the server does not have stays missing. */
export function loadedOnDemand<T>(
  source: Readable<T>,
  { model }: Pick<Brain, 'model'>,
  { missing, load }: Demand,
): Loadable<T> {
  const asked = new Set<string>();
  let isLive = false;
  let hasFailed = false;
  const begin = (): void => {
    asked.clear();
    hasFailed = false;
  };
  const look = (): void => {
    const wasLive = isLive;
    isLive = model.getSnapshot().connection.status === 'live';
    if (!isLive) return;
    if (!wasLive) begin();
    const what = missing();
    if (what === undefined || asked.has(what)) return;
    asked.add(what);
    load().then(
      () => {
        if (missing() !== what) asked.delete(what);
      },
      () => {
        hasFailed = true;
      },
    );
  };
  return {
    load,
    getSnapshot: () => source.getSnapshot(),
    subscribe: (listener) => {
      const stops = [source.subscribe(listener), model.subscribe(look)];
      // Who comes anew wants to know it again.
      if (hasFailed) begin();
      look();
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
