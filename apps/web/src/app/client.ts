import { createChatClient } from '@natter/client';
import { indexedDb } from '@natter/client/indexeddb';
import { lazyUploads } from './lazy-uploads.js';

/** This browser's client: it is the state, so it stands outside of the components. */
export const client = createChatClient({
  url: location.origin,
  store: indexedDb(),
  uploads: lazyUploads,
});
