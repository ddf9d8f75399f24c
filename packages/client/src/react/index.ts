export { ChatProvider, type ChatProviderProps, useChatClient } from './provider.js';
export {
  useChat,
  useChats,
  useConnection,
  useMe,
  useMembers,
  useOutbox,
  usePerson,
  usePins,
  useReadable,
  useSeenRef,
  useStars,
  useTimeline,
  useUnreadCount,
} from './hooks.js';
export { type Composer, useComposer } from './use-composer.js';
export { type ShownLink, useMediaLink } from './use-media-link.js';
