import { parseArgs } from 'node:util';
import * as z from 'zod/mini';

/** How to call the program; shown with `--help` and after each mistake. */
export const usage = `Usage: npm run replay -- --file FILE [options]

Sends the conversations of FILE through a running Natter, then checks what became of them.

  --file FILE     JSON Lines of { room, at, nick, text }, plain or gzip
  --url URL       where Natter answers (default http://localhost:3000)
  --rooms N       how many rooms, from the start of FILE (default 5)
  --ledgers DIR   an empty or new folder for the ledgers (default: a new one for temporary files)
  --speed SPEED   'max', each line as soon as the one before it is acknowledged (default),
                  or how many times faster than it was written, such as 60
  --help          this text
`;

const positive = z.pipe(z.transform(Number), z.number().check(z.positive()));

const Values = z.object({
  file: z.string('is required').check(z.minLength(1)),
  url: z.url({ protocol: /^https?$/, error: 'takes an address such as http://localhost:3000' }),
  rooms: z.pipe(z.transform(Number), z.int('takes a whole number').check(z.positive())),
  ledgers: z.optional(z.string().check(z.minLength(1))),
  speed: z.union([z.literal('max'), positive], "takes 'max' or a positive number"),
});

/** What to replay, where to. */
export type ReplayOptions = z.output<typeof Values>;

const flags = {
  file: { type: 'string' },
  url: { type: 'string', default: 'http://localhost:3000' },
  rooms: { type: 'string', default: '5' },
  ledgers: { type: 'string' },
  speed: { type: 'string', default: 'max' },
  help: { type: 'boolean', default: false },
} as const;

/** Reads a command line; a wrong one comes back as the problem to show. */
export function readOptions(
  args: readonly string[],
): { options: ReplayOptions } | { help: true } | { problem: string } {
  try {
    const { values } = parseArgs({ args: [...args], options: flags });
    if (values.help) return { help: true };
    const result = z.safeParse(Values, values);
    if (result.success)
      return { options: { ...result.data, url: result.data.url.replace(/\/$/, '') } };
    const [issue] = result.error.issues;
    return { problem: `--${String(issue?.path[0])} ${issue?.message}` };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
