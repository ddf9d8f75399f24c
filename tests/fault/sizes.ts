/** `npm run test:fault -- --deep`: the figures that we promise, for hours; else what fits before each change. */
export const isDeep = process.env['NATTER_DEEP'] === '1';

/**
 * How much of something is wanted. A variable of its own has it in pieces: a deep campaign need not run at once.
 *
 * @param variable Names the environment variable that is stronger than both figures.
 */
function wanted(variable: string, smoke: number, deep: number): number {
  return Number(process.env[variable] ?? (isDeep ? deep : smoke));
}

export const sizes = {
  kills: wanted('NATTER_KILLS', 20, 1000),
  /** While a node is stopped before it is killed. */
  pauseMs: wanted('NATTER_PAUSE_MS', 1000, 30_000),
  messagesBetweenKills: {
    minimum: wanted('NATTER_FEWEST_MESSAGES', 50, 200),
    maximum: wanted('NATTER_MOST_MESSAGES', 150, 2000),
  },
  joins: wanted('NATTER_JOINS', 60, 1000),
  modelRuns: wanted('NATTER_MODEL_RUNS', 40, 300),
  sdkRuns: wanted('NATTER_SDK_RUNS', 12, 200),
  timingPairs: isDeep ? 500 : 200,
  restarts: wanted('NATTER_RESTARTS', 4, 150),
  pictures: isDeep ? 20 : 8,
  failovers: wanted('NATTER_FAILOVERS', 1, 50),
  chatMessages: wanted('NATTER_CHAT_MESSAGES', 1500, 50_000),
  /** Fewer than a sync brings before it says to start over. */
  missedEvents: wanted('NATTER_MISSED_EVENTS', 1200, 5000),
  missedChats: isDeep ? 100 : 10,
  stormSockets: wanted('NATTER_STORM_SOCKETS', 600, 2000),
  /** Of sends beside each kind of push service, one after the other. */
  pushRounds: wanted('NATTER_PUSH_ROUNDS', 1, 8),
  pushSends: isDeep ? 50 : 20,
  powerCuts: wanted('NATTER_POWER_CUTS', 3, 100),
} as const;

/** Milliseconds that a campaign of this size may take before it counts as stuck. */
export const patience = { timeout: isDeep ? 3 * 3_600_000 : 600_000 } as const;
