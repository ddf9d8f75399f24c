import type { Uploads } from '../engine/uploads.js';
import type { FileTransfer } from './file-transfer.js';
import { Uploader } from './uploader.js';

/** Uploads by a transfer of your own. */
export function uploadsBy(transfer: FileTransfer): Uploads {
  return { createUploader: (context) => new Uploader(transfer, context) };
}
