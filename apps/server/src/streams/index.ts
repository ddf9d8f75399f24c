export { type MessageDraft } from './append-statement.js';
export { AppendWriter } from './append-writer.js';
export { Bus } from './bus.js';
export { UserEventsRetention } from './user-events-retention.js';
