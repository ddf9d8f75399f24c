import { z } from 'zod';

export const programOptions = z.object({
  dataFolder: z.string(),
  settings: z.record(z.string(), z.string()).optional(),
});
export type ProgramOptions = z.infer<typeof programOptions>;

export const programEvent = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('ready'),
    connection: z.object({
      host: z.string(),
      port: z.number(),
      user: z.string(),
      database: z.string(),
    }),
    processId: z.number(),
  }),
  z.object({ event: z.literal('refused'), message: z.string() }),
  z.object({ event: z.literal('log'), message: z.string() }),
  z.object({ event: z.literal('unexpectedExit'), reason: z.string() }),
  z.object({ event: z.literal('stopped') }),
]);
export type ProgramEvent = z.infer<typeof programEvent>;
