export { ForgettingService } from './forgetting.service.js';
export { ReconciliationService } from './reconciliation.service.js';
