import { join } from 'node:path';
import type { Config } from '../../config/config.js';
import { BucketStorage } from './bucket-storage.js';
import { FolderStorage } from './folder-storage.js';
import { GuardedStorage } from './guarded-storage.js';
import type { MediaStorage } from './media-storage.js';
import { Spool } from './spool.js';

/** The storage that the configuration names. Nothing is asked of it yet: `check` says whether it can be had. */
export function openMediaStorage({
  mediaFolder,
  bucket,
}: Pick<Config, 'mediaFolder' | 'bucket'>): MediaStorage {
  if (!bucket) return new GuardedStorage(new FolderStorage(mediaFolder));
  return new GuardedStorage(new BucketStorage(bucket, new Spool(join(mediaFolder, '.unfinished'))));
}
