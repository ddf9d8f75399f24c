const LONGEST = 32;

/**
 * A username for a nick: valid (AUTH-4), and unique without regard to case by the run and the person's number in it.
 * What is left of the nick is there for the reader of a ledger.
 */
export function usernameOf(nick: string, person: number, runId: string): string {
  const unique = `${runId}-${person}`;
  const readable = nick.replaceAll(/[^A-Za-z0-9_.-]/g, '');
  return readable === '' ? unique : `${unique}-${readable}`.slice(0, LONGEST);
}
