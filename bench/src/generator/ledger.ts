/** What was acknowledged in one chat, by `seq`. Kept as plain numbers: there may be a million. */
export class Ledger {
  /** Of each seq, the number of the message that was acknowledged with it. */
  private readonly numbers: number[] = [];
  private readonly idTails: number[] = [];
  private count = 0;
  private repeated = 0;

  /** How many different seqs were acknowledged. */
  get acknowledged(): number {
    return this.count;
  }

  /** Acknowledgements with a seq that another had had before. */
  get repeats(): number {
    return this.repeated;
  }

  record(seq: number, messageNumber: number, messageId: string): void {
    if (this.numbers[seq] === undefined) this.count += 1;
    else this.repeated += 1;
    this.numbers[seq] = messageNumber;
    this.idTails[seq] = idTailOf(messageId);
  }

  /** Whether this very message was acknowledged with this seq. */
  holds(seq: number, messageNumber: number, messageId: string): boolean {
    return this.numbers[seq] === messageNumber && this.idTails[seq] === idTailOf(messageId);
  }
}

/** Thirty-two of a UUIDv7's random bits. */
function idTailOf(messageId: string): number {
  return Number.parseInt(messageId.slice(-8), 16);
}

const NUMBER_DIGITS = 12;
const SCATTER = 2_654_435_761;

/**
 * The `clientMessageId` of a message: it holds the message's number, and begins as if by chance, since a real client's
 * ids do not come to the database's indexes in order either.
 */
export function clientMessageIdOf(messageNumber: number): string {
  const scattered = Math.imul(messageNumber, SCATTER) >>> 0;
  const head = scattered.toString(16).padStart(8, '0');
  const tail = messageNumber.toString(16).padStart(NUMBER_DIGITS, '0');
  return `${head}-6e61-4774-a4be-${tail}`;
}

export function messageNumberOf(clientMessageId: string): number {
  return Number.parseInt(clientMessageId.slice(-NUMBER_DIGITS), 16);
}
