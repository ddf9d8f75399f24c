const DAY_MS = 24 * 60 * 60 * 1000;
const WEEK_DAYS = 6;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, options: Intl.DateTimeFormatOptions, time: number | Date): string {
  const key = `${locale} ${JSON.stringify(options)}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, known);
  return known.format(time);
}

function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

/** How many midnights lie between a moment and now. */
function daysAgo(at: string, now = Date.now()): number {
  return Math.round((startOfDay(now) - startOfDay(Date.parse(at))) / DAY_MS);
}

/** The local day of a moment, as a key that two moments of the same day share. */
export function dayKey(at: string): string {
  return new Date(at).toDateString();
}

/** As `14:05`. */
export function timeOfDay(locale: string, at: string): string {
  return format(locale, { hour: 'numeric', minute: '2-digit' }, Date.parse(at));
}

/** A day above its messages: today and yesterday by name, others of this week by theirs. */
export function dayName(locale: string, at: string, now = Date.now()): string {
  const days = daysAgo(at, now);
  if (days === 0 || days === 1) {
    const name = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-days, 'day');
    return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
  }
  if (days > 0 && days <= WEEK_DAYS) return format(locale, { weekday: 'long' }, Date.parse(at));
  return format(locale, { day: 'numeric', month: 'long', year: 'numeric' }, Date.parse(at));
}

/** As short as it can be: for rows of a list. */
export function shortTime(locale: string, at: string, now = Date.now()): string {
  const days = daysAgo(at, now);
  if (days <= 0) return timeOfDay(locale, at);
  if (days <= WEEK_DAYS) return format(locale, { weekday: 'short' }, Date.parse(at));
  return format(locale, { day: 'numeric', month: 'numeric', year: '2-digit' }, Date.parse(at));
}

/** Day and time, for what is told about one message. */
export function fullTime(locale: string, at: string): string {
  return format(locale, { dateStyle: 'medium', timeStyle: 'short' }, Date.parse(at));
}

/** A moment as fields for dates with times have it: local, to the minute. */
export function localMinute(time: number): string {
  const date = new Date(time);
  return new Date(time - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
