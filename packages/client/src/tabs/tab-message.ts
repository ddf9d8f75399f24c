import type { Method } from '../engine/brain.js';
import type { Notice } from '../engine/engine.js';
import type { ErrorInfo } from '../errors.js';
import type { ModelPatch } from './model-patch.js';

/**
 * What changes the outbox. It is answered once it is stored: what a leader has taken and not stored dies with it, and who
 * was not answered asks the next one.
 */
export const lasting: readonly Method[] = [
  'order',
  'retry',
  'discard',
  'pauseFile',
  'resumeFile',
  'cancelFile',
];

/** What may be asked of the next leader where the last one died before it answered: twice has the effect of once. */
export const repeatable: readonly Method[] = [
  ...lasting,
  'readFile',
  'joinChat',
  'loadHistory',
  'loadPins',
  'loadStars',
  'loadMembers',
  'loadUsers',
  'loadDevices',
  'openDirect',
];

/** What tabs say to each other. `from` and `to` are tabs. */
export type TabMessage =
  /** Somebody follows, and wants to know everything. */
  | { readonly type: 'hello'; readonly from: string }
  /** Somebody leads from now on. */
  | { readonly type: 'leading'; readonly from: string }
  /** Everything, for the one who asked; `turn` is that of the last patch that is in it. */
  | {
      readonly type: 'model';
      readonly to: string;
      readonly turn: number;
      readonly patch: ModelPatch;
    }
  | { readonly type: 'patch'; readonly turn: number; readonly patch: ModelPatch }
  | { readonly type: 'notice'; readonly notice: Notice }
  | {
      readonly type: 'call';
      readonly from: string;
      readonly id: string;
      readonly method: Method;
      readonly parameters: readonly unknown[];
    }
  | { readonly type: 'answer'; readonly to: string; readonly id: string; readonly value: unknown }
  | {
      readonly type: 'refusal';
      readonly to: string;
      readonly id: string;
      readonly error: ErrorInfo;
    };
