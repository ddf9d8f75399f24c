export type { FileTransfer, UploadRequest } from './file-transfer.js';
export { type TusUploadsOptions, tusTransfer, tusUploads } from './tus-uploads.js';
export { uploadsBy } from './uploads-by.js';
