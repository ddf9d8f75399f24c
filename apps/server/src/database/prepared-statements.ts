import { createHash } from 'node:crypto';

/** Characters. Shorter statements are planned in less time than it is worth. */
const SHORTEST = 50;
/** Uses after which a statement is known to come often. By then the tables have something in them to plan by. */
const USES = 100;
/** Each costs every connection up to some hundred kilobytes in the database. */
const MOST_NAMES = 80;
/** Texts that are counted at one time. */
const MOST_COUNTED = 1000;
/** A list of values that is written out: its statement comes in ever new forms, which would use up the names. */
const WRITTEN_LIST = / in \(\$\d/;

/**
 * Which statements are prepared by the database: those that come often, but for the shortest. PostgreSQL takes several
 * times longer to plan a page of messages than to read it, and a prepared statement is planned once for a connection.
 */
export class PreparedStatements {
  private readonly uses = new Map<string, number>();
  private readonly names = new Map<string, string>();
  private isOff = false;

  /** Counts a use, and tells the name under which the statement is prepared, if it is. */
  nameOf(text: string): string | undefined {
    if (this.isOff || text.length < SHORTEST) return undefined;
    const name = this.names.get(text);
    if (name !== undefined || this.names.size >= MOST_NAMES) return name;
    if (WRITTEN_LIST.test(text)) return undefined;
    const uses = (this.uses.get(text) ?? 0) + 1;
    if (uses >= USES) {
      // Of the text itself, so that it stands for the same to whoever else has prepared it.
      this.names.set(text, createHash('sha256').update(text).digest('hex').slice(0, 32));
      this.uses.delete(text);
    } else {
      if (this.uses.size >= MOST_COUNTED) this.uses.clear();
      this.uses.set(text, uses);
    }
    return undefined;
  }

  /** From here on nothing is prepared: behind a pooler names do not stay with a connection. */
  turnOff(): void {
    this.isOff = true;
  }
}
