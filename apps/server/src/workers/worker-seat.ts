import { join } from 'node:path';
import * as z from 'zod/mini';

/** What the primary process gives to each of its workers. */
export const WorkerSeat = z.object({
  /** Of this worker alone; one that replaces it has another. */
  id: z.string(),
  /** From 0 on; one that replaces it has the same. */
  slot: z.int(),
  /** In which each worker listens for the others. */
  folder: z.string(),
  databaseUrl: z.string(),
});
export type WorkerSeat = z.output<typeof WorkerSeat>;

/** The injection token of the worker's seat; `undefined` in a process that is no worker. */
export const WORKER_SEAT = Symbol('WORKER_SEAT');

/** Where a worker takes the requests that came to another one. */
export function socketOf({ folder }: Pick<WorkerSeat, 'folder'>, id: string): string {
  return join(folder, `${id}.sock`);
}
