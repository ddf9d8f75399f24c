import { MEDIA_STORAGE, type MediaStorage } from '@natter/server/media';
import type { TestServer } from './test-server.js';

/** The keys of all that a server has stored, in its folder or its bucket. */
export async function storedFiles({ natter }: Pick<TestServer, 'natter'>): Promise<string[]> {
  const keys: string[] = [];
  const storage = natter.application.get<MediaStorage>(MEDIA_STORAGE);
  for await (const { key } of storage.list()) keys.push(key);
  return keys;
}
