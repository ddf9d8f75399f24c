/** What a gate says of things that must not be there: the advice, then each of them. Empty where there are none. */
export function complaint(found: readonly string[], advice: string): string {
  return found.length === 0 ? '' : [advice, ...found].join('\n  ');
}
