import * as z from 'zod/mini';

/** What a process of clients is told to do. */
export const StormOrder = z.object({
  urls: z.array(z.string()),
  tokens: z.array(z.string()),
  sockets: z.int(),
  /** What is sent after the storm; a client that has all of it is caught up. */
  texts: z.array(z.string()),
});
export type StormOrder = z.output<typeof StormOrder>;

/** How many clients have synced since their first connection, and how many have everything. */
export const StormReport = z.object({ live: z.int(), caughtUp: z.int() });
