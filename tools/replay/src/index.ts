export { check, type CheckOptions, type CheckResult } from './check/check.js';
export * from './check/findings.js';
export * from './ledger/ledger-line.js';
export * from './ledger/run-file.js';
export type { ReplayOptions } from './replay/options.js';
export { Progress } from './replay/progress.js';
export { replay } from './replay/replay.js';
