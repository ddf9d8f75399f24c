import { parseArgs } from 'node:util';
import * as z from 'zod/mini';

const LOCAL = 'http://localhost:3000';

/** How to call the program; shown with `--help` and after each mistake. */
export const usage = `Usage: npm run fault -- [options]

Lets people talk on a running Natter while things break, then checks that nothing was lost, doubled or reordered.

  --url URL           where Natter answers; once for each node (default ${LOCAL})
  --seconds N         for how long messages are sent (default 60)
  --people N          how many send, each as fast as he is answered (default 12)
  --rooms N           how many groups they talk in (default 3)
  --listeners N       devices in each group that write down all they receive (default 2)
  --weather WEATHER   the network between them and Natter: 'fair', 'poor' (default) or 'stormy'
  --break COMMAND     a shell command that breaks something, such as 'docker restart natter-1'
  --every N           seconds from one of them to the next (default 15)
  --ledgers DIR       an empty or new folder for the evidence (default: a new one for temporary files)
  --help              this text
`;

const count = z.pipe(z.transform(Number), z.int('takes a whole number').check(z.positive()));

const Values = z.object({
  url: z.array(z.url({ protocol: /^https?$/, error: `takes an address such as ${LOCAL}` })),
  seconds: count,
  people: count,
  rooms: count,
  listeners: count,
  weather: z.enum(['fair', 'poor', 'stormy'], "takes 'fair', 'poor' or 'stormy'"),
  break: z.optional(z.string().check(z.minLength(1))),
  every: count,
  ledgers: z.optional(z.string().check(z.minLength(1))),
});

export type FaultOptions = z.output<typeof Values>;

const flags = {
  url: { type: 'string', multiple: true },
  seconds: { type: 'string', default: '60' },
  people: { type: 'string', default: '12' },
  rooms: { type: 'string', default: '3' },
  listeners: { type: 'string', default: '2' },
  weather: { type: 'string', default: 'poor' },
  break: { type: 'string' },
  every: { type: 'string', default: '15' },
  ledgers: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Reads a command line; a wrong one comes back as the problem to show. */
export function readOptions(
  args: readonly string[],
): { options: FaultOptions } | { help: true } | { problem: string } {
  try {
    const { values } = parseArgs({ args: [...args], options: flags });
    if (values.help) return { help: true };
    const { success, data, error } = z.safeParse(Values, { ...values, url: values.url ?? [LOCAL] });
    if (!success) {
      const [issue] = error.issues;
      return { problem: `--${String(issue?.path[0])} ${issue?.message}` };
    }
    if (data.people < data.rooms * data.listeners) {
      return { problem: '--people are too few for that many --rooms and --listeners' };
    }
    return { options: { ...data, url: data.url.map((url) => url.replace(/\/$/, '')) } };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
