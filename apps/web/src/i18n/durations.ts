const units = [
  ['week', 7 * 24 * 60 * 60 * 1000],
  ['day', 24 * 60 * 60 * 1000],
  ['hour', 60 * 60 * 1000],
  ['minute', 60 * 1000],
] as const;

/** A length of time in the largest unit that it is a whole number of; else in seconds. */
export function durationText(locale: string, ms: number): string {
  const [unit, size] = units.find(([, size]) => ms % size === 0) ?? (['second', 1000] as const);
  const style = { style: 'unit', unit, unitDisplay: 'long' } as const;
  return new Intl.NumberFormat(locale, style).format(Math.ceil(ms / size));
}
