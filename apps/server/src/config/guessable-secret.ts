/** Of 32 random hexadecimal digits 14 differ on average, and hardly ever fewer than 8. */
const LEAST_DISTINCT = 8;
/** What examples and placeholders are made of, and random base64 once in millions of times. */
const PLACEHOLDER =
  /change.?(?:me|this|it)|replace.?(?:me|this|with)|your.?(?:256|jwt|key|token)|secret|password|example|default|placeholder|qwerty|0123456789|1234567890|abcdefgh|natter/i;

/** Whether it is the beginning of itself, two times or more. */
function repeats(secret: string): boolean {
  for (let period = 1; period <= secret.length / 2; period += 1) {
    if (secret.slice(period) === secret.slice(0, -period)) return true;
  }
  return false;
}

/** Whether somebody who has read a few examples may guess it. */
export function isGuessable(secret: string): boolean {
  return new Set(secret).size < LEAST_DISTINCT || PLACEHOLDER.test(secret) || repeats(secret);
}
