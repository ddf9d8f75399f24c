export { ForgettingService } from './forgetting.service.js';
export { ResumableUploadsService } from './resumable-uploads.service.js';
export { ReconciliationService } from './reconciliation.service.js';
