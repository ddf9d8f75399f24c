import { isNumber, isObjectOf } from '../guards.js';

/** What `database.ts` is told to do. */
export interface CommitLoad {
  readonly connections: number;
  readonly rowsPerCommit: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface CommitRate {
  readonly rowsPerSecond: number;
  readonly commitsPerSecond: number;
  readonly clientCpuSeconds: number;
}

export const isCommitLoad = isObjectOf<CommitLoad>({
  connections: isNumber,
  rowsPerCommit: isNumber,
  warmUpMs: isNumber,
  measureMs: isNumber,
});

export const isCommitRate = isObjectOf<CommitRate>({
  rowsPerSecond: isNumber,
  commitsPerSecond: isNumber,
  clientCpuSeconds: isNumber,
});
