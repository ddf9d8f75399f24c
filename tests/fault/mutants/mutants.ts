/** A bug that is planted on purpose, and the test that has to turn red by it. */
export interface Mutant {
  /** The patch beside this file, without its ending. */
  readonly name: string;
  readonly bug: string;
  readonly project: 'test' | 'fault';
  /** From the root of the repository. */
  readonly file: string;
  /** Part of the title of the test. */
  readonly title: string;
}

/** Whoever weakens one of these tests is told so by `npm run test:mutants`. */
export const mutants: readonly Mutant[] = [
  {
    name: '01-ack-before-commit',
    bug: 'a send is acknowledged before its commit',
    project: 'fault',
    file: 'tests/fault/crash.test.ts',
    title: 'DUR-1',
  },
  {
    name: '02-synchronous-commit-off',
    bug: 'a commit is answered before it is on the disk',
    project: 'fault',
    file: 'tests/fault/crash.test.ts',
    title: 'DUR-1',
  },
  {
    name: '03-seq-from-a-sequence',
    bug: 'a `seq` comes from a SEQUENCE',
    project: 'test',
    file: 'tests/database/append.test.ts',
    title: 'SEQ-1',
  },
  {
    name: '04-dedupe-without-sender',
    bug: 'a client id is unique whoever sends it',
    project: 'test',
    file: 'tests/contract/messages.test.ts',
    title: 'IDEM-1 holds per sender and chat',
  },
  {
    name: '05-dedupe-for-two-minutes',
    bug: 'a client id is forgotten after two minutes',
    project: 'test',
    file: 'tests/contract/messages.test.ts',
    title: 'IDEM-1 G3 holds for the life of the message',
  },
  {
    name: '06-typing-without-policy',
    bug: 'one command of the socket asks no policy',
    project: 'test',
    file: 'tests/contract/authorization.test.ts',
    title: '',
  },
  {
    name: '07-fan-out-dropped',
    bug: '1 of 10,000 deliveries is dropped for good',
    project: 'fault',
    file: 'tests/fault/one-chat.test.ts',
    title: 'G4',
  },
  {
    name: '08-revocation-through-redis-only',
    bug: 'a revocation goes through Redis alone',
    project: 'fault',
    file: 'tests/contract/nodes.test.ts',
    title: 'AUTH-3 G11',
  },
  {
    name: '09-mark-goes-back',
    bug: 'a mark of what was seen goes back',
    project: 'test',
    file: 'tests/contract/receipts.test.ts',
    title: 'RCPT-1 marks never go back',
  },
  {
    name: '10-no-limit-of-the-backlog',
    bug: 'what waits for a stuck reader has no limit',
    project: 'fault',
    file: 'tests/contract/slow-readers.test.ts',
    title: 'G15',
  },
  {
    name: '11-edit-not-in-the-log',
    bug: 'an edit makes no entry',
    project: 'test',
    file: 'tests/contract/message-changes.test.ts',
    title: 'MSG-2 ACK-2',
  },
  {
    name: '12-media-by-address-only',
    bug: 'a file is given to whoever knows its address',
    project: 'test',
    file: 'tests/contract/media-access.test.ts',
    title: 'PRIV-1',
  },
];
