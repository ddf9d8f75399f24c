export type { InspectedKind, Inspection } from './inspection.js';
export { MediaInspection } from './media-inspection.js';
