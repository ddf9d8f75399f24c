export { ForgettingService } from './forgetting.service.js';
export { ReconciliationService } from './reconciliation.service.js';
export { ResumableUploadsService } from './resumable-uploads.service.js';
export { MEDIA_STORAGE, type MediaStorage } from './storage/media-storage.js';
