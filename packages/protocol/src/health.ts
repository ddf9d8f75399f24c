import * as z from 'zod/mini';

export const Health = z
  .object({ status: z.literal('ok') })
  .register(z.globalRegistry, { id: 'Health' });

export const Readiness = z
  .object({
    status: z.enum(['ok', 'unavailable']),
    checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.optional(z.string()) })),
  })
  .register(z.globalRegistry, { id: 'Readiness' });
export type Readiness = z.output<typeof Readiness>;
