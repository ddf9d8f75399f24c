import type { Readable } from '../readable.js';
import type { Engine } from './engine.js';
import type { Model } from './model.js';

/** What the client's face needs of the engine; in a tab that follows another one, that one's engine. */
export type Brain = Pick<
  Engine,
  | 'connect'
  | 'disconnect'
  | 'login'
  | 'register'
  | 'logout'
  | 'order'
  | 'retry'
  | 'discard'
  | 'rewrite'
  | 'request'
  | 'joinChat'
  | 'tell'
  | 'loadHistory'
  | 'loadPins'
  | 'loadStars'
  | 'loadMembers'
  | 'openDirect'
> & { readonly model: Readable<Model> };
