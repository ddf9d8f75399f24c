import * as z from 'zod/mini';

export const Health = z
  .object({ status: z.literal('ok') })
  .register(z.globalRegistry, { id: 'Health' });

/**
 * The parts by name: `node`, `database`, `storage`, `ffmpeg`, and `redis` where there is one. Only the first two make
 * the status `unavailable`; without another the node does less, and its `detail` says what.
 */
export const Readiness = z
  .object({
    status: z.enum(['ok', 'unavailable']),
    checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.optional(z.string()) })),
  })
  .register(z.globalRegistry, { id: 'Readiness' });
export type Readiness = z.output<typeof Readiness>;
