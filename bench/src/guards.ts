/** Decides whether a value from outside has the type it is taken for. */
export type Guard<T> = (value: unknown) => value is T;

export function isString(value: unknown): value is string {
  return typeof value === 'string';
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

export function isListOf<T>(guard: Guard<T>): Guard<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(guard);
}

export function isOneOf<T extends string>(...values: readonly T[]): Guard<T> {
  return (value): value is T => values.some((candidate) => candidate === value);
}

/** Also true where the field is absent. */
export function isMaybe<T>(guard: Guard<T>): Guard<T | undefined> {
  return (value): value is T | undefined => value === undefined || guard(value);
}

/** An object with at least these fields. */
export function isObjectOf<T extends object>(fields: { readonly [K in keyof T]-?: Guard<T[K]> }) {
  const guards: readonly [string, Guard<unknown>][] = Object.entries(fields);
  return (value: unknown): value is T =>
    typeof value === 'object' &&
    value !== null &&
    guards.every(([name, guard]) => guard(Reflect.get(value, name)));
}
