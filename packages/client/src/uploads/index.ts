export type { FileTransfer, UploadRequest } from './file-transfer.js';
export { type TusUploadsOptions, tusUploads } from './tus-uploads.js';
export { uploadsBy } from './uploads-by.js';
