export type { Chat, Device, Message, SearchHit, User } from '@natter/protocol';
export {
  type BackgroundClient,
  type BackgroundClientOptions,
  createBackgroundClient,
} from './background.js';
export * from './core/index.js';
export {
  type ChatHandle,
  type ChatPreferences,
  type MessageRef,
  type NewEncryptedMessage,
  type NewMediaMessage,
  type NewMessage,
  type SentMessage,
} from './chat.js';
export type { Chats, NewGroup } from './chats.js';
export {
  ChatClient,
  type ChatClientOptions,
  type OutboxControl,
  createChatClient,
} from './client.js';
export type { Clock } from './clock.js';
export type { ConnectionState } from './engine/model.js';
export type { Uploads } from './engine/uploads.js';
export type { Connect, Connection, ConnectionEvents } from './transport/connection.js';
export { connectByWebSocket } from './transport/web-socket.js';
export type { TokenProvider, TokenReason } from './engine/tokens.js';
export { ChatError, type ErrorInfo } from './errors.js';
export type { ClientEventName, ClientEvents, Refusal } from './events.js';
export type { MediaControl, UploadTask } from './media/media.js';
export type { MediaLink } from './media/media-links.js';
export type { NewFile } from './media/new-file.js';
export type { OutboxFile } from './outbox/outbox-file.js';
export type { OutboxItem } from './outbox/outbox-item.js';
export { isShallowEqual, type Readable, select } from './readable.js';
export type { Credentials, SessionControl } from './session-control.js';
export { type ClientStore, type FileStore, memoryStore } from './store/store.js';
export type { Timeline, TimelinePlace, TimelineSnapshot } from './timeline/timeline.js';
export type { TypingNotice } from './typing-notice.js';
export type { Users } from './users.js';
export type { ChatItem } from './views/chat-item.js';
export type { MediaItem, UploadItem } from './views/media-item.js';
export type { MessageItem, MessageStatus, ReplyItem } from './views/message-item.js';
export type { Person } from './views/people.js';
export type { GapItem, TimelineItem } from './views/timeline-items.js';
export type { ListFilter, MemberItem } from './views/views.js';
