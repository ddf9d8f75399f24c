import { once } from 'node:events';
import * as z from 'zod/mini';
import { WorkerSeat } from './worker-seat.js';

/** Waits for what the primary process gives to this worker; it comes first of all. */
export async function takeSeat(): Promise<WorkerSeat> {
  const [message]: unknown[] = await once(process, 'message');
  return z.parse(WorkerSeat, message);
}
