export { applyAcknowledgement } from './acknowledgements.js';
export { applyEvent } from './apply-event.js';
export { type Gap, gapsOf } from './chat-entries.js';
export { forgetOld } from './forget.js';
export { applyUsers } from './ephemeral.js';
export { dropExpired, nextExpiry } from './expiry.js';
export type { Chunk, LoadedMessages } from './loaded-messages.js';
export {
  applyHistory,
  applyPins,
  applySnapshot,
  applyStars,
  extendLoaded,
  type Snapshot,
} from './snapshot.js';
export type { ServerEvent } from './server-event.js';
export {
  type ChatState,
  type ClientState,
  emptyState,
  type MemberState,
  type OwnState,
  type Presence,
  type Star,
  type StoredMessage,
} from './state.js';
export { isMentioned, unreadCount } from './unread.js';
export {
  type ChatView,
  chatView,
  lastMessageOf,
  messagesOf,
  messageView,
  pinsOf,
  starsOf,
} from './views.js';
