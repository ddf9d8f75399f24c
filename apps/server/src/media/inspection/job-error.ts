import type { JobFailure } from './inspection.js';

/** Why a job cannot be carried out with this file. */
export class JobError extends Error {
  readonly failure: JobFailure;

  constructor(failure: JobFailure, reason: string) {
    super(reason);
    this.failure = failure;
  }
}
