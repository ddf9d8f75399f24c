import type { Action } from './actions.js';

/** Runs that once failed, as the failure printed them. They are done again before any others. */
export const PINNED: readonly (readonly Action[])[] = [];
