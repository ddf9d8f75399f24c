import type { Readable } from '../readable.js';
import type { Engine } from './engine.js';
import type { Model } from './model.js';

/** What a brain may be asked; a tab that follows asks it of the one that leads. */
export type Method =
  | 'login'
  | 'register'
  | 'logout'
  | 'order'
  | 'retry'
  | 'discard'
  | 'pauseFile'
  | 'resumeFile'
  | 'cancelFile'
  | 'readFile'
  | 'request'
  | 'joinChat'
  | 'tell'
  | 'loadHistory'
  | 'loadPins'
  | 'loadStars'
  | 'loadMembers'
  | 'loadUsers'
  | 'loadDevices'
  | 'openDirect';

/** What the client's face needs of the engine; in a tab that follows another one, that one's engine. */
export type Brain = Pick<Engine, Method | 'connect' | 'disconnect'> & {
  readonly model: Readable<Model>;
};
