/** Says on the error stream what the run is at; the figures alone go to the output. */
export function say(what: string): void {
  process.stderr.write(`${what}\n`);
}
