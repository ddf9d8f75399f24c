/** Everything that may be wrong, in the words of the report. */
export const findingKinds = {
  lost: 'acknowledged, and not in the history',
  duplicated: 'a line of the source that is in the history more than once',
  reordered: 'acknowledged before the next line was sent, and behind it in the history',
  phantom: 'in the history, and never sent or definitely refused',
  altered: 'not the text or the author of the source',
  unsent: 'a line of the source that no ledger knows',
  unjustified: 'refused although the protocol allows it',
  renumbered: 'in the history with another seq or id than was acknowledged',
  holes: 'seq is not 1, 2, 3 … in the log',
  unequal: 'the log and the history disagree',
  live: 'what the listening device received is not the history',
} as const;

export type FindingKind = keyof typeof findingKinds;

export interface Finding {
  readonly kind: FindingKind;
  readonly room: string;
  /** Names the line, the message or the `seq`. */
  readonly what: string;
}

export interface Verdict {
  readonly findings: readonly Finding[];
  readonly acknowledged: number;
  readonly refused: number;
  /** Given up without an answer, and not in the history: no promise was made. */
  readonly unresolved: number;
}
