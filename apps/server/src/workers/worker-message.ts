import * as z from 'zod/mini';
import { topics } from '../relay/relay.js';

/** What workers have carried to each other by their primary process. */
export const WorkerMessage = z.object({
  natter: z.literal('relay'),
  from: z.string(),
  topic: z.enum(topics),
  /** JSON, which the primary does not look into. */
  text: z.string(),
});
export type WorkerMessage = z.output<typeof WorkerMessage>;
