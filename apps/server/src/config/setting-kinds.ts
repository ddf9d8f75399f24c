import {
  configurableLimits,
  type LimitName,
  rateAllowances,
  type RateClass,
  rateClasses,
} from '@natter/protocol';
import * as z from 'zod/mini';

/** What an operator is told of one setting. */
export interface SettingNote {
  readonly description: string;
  /** The default as an operator would write it; none where the setting is off without a value. */
  readonly default?: string;
  /** Completes "set it to …" where the value is wrong. */
  readonly mend: string;
}

/** What is said of each setting. */
export const notes = z.registry<SettingNote>();

export function wholeNumber(
  fallback: number,
  minimum: number,
  maximum: number,
  description: string,
) {
  return z
    .pipe(
      z._default(z.string().check(z.regex(/^\d{1,16}$/)), String(fallback)),
      z.pipe(z.transform(Number), z.int().check(z.minimum(minimum), z.maximum(maximum))),
    )
    .register(notes, {
      description,
      default: String(fallback),
      mend: `a whole number from ${minimum} to ${maximum}`,
    });
}

export function choice<const T extends readonly [string, ...string[]]>(
  values: T,
  fallback: T[number],
  description: string,
) {
  const [first, ...others] = values;
  return z
    .pipe(z._default(z.string(), fallback), z.enum([first, ...others] as const))
    .register(notes, { description, default: fallback, mend: `one of ${values.join(', ')}` });
}

export function limit(name: LimitName, maximum: number) {
  const { default: fallback, what, unit } = configurableLimits[name];
  return wholeNumber(fallback, 1, maximum, `The most that ${what} may hold, in ${unit}.`);
}

export function rate(name: RateClass) {
  const { perSecond, what } = rateClasses[name];
  return wholeNumber(
    perSecond,
    1,
    1_000_000,
    `How often one device may ${what}, in requests per second (class \`${name}\` in docs/rates.md). ` +
      `All devices of a user together have ${rateAllowances.devicesPerUser} times as much.`,
  );
}

export function commaSeparated(pattern: RegExp) {
  return z.pipe(
    z.transform((list: string) =>
      list
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean),
    ),
    z.array(z.string().check(z.regex(pattern))),
  );
}
