import type { Brain } from '../engine/brain.js';
import type { ClientStore } from '../store/store.js';
import { canShare, SharedBrain, type SharedBrainOptions } from './shared-brain.js';

/** Makes the client of a tab that shares its store with others; `undefined` where tabs cannot find each other. */
export type ShareTabs = (options: SharedBrainOptions) => Brain | undefined;

/** A store that all tabs of an origin have, with what lets them share one client as well: one leads, the others follow. */
export interface SharedStore extends ClientStore {
  readonly sharedName: string;
  readonly shareTabs: ShareTabs;
}

/** For the `shareTabs` of a store. It is with the stores, so that a client that shares nothing does not carry it. */
export const shareTabs: ShareTabs = (options) =>
  canShare() ? new SharedBrain(options) : undefined;
