export { ChatProvider, type ChatProviderProps, useChatClient } from './provider.js';
export {
  useChat,
  useChats,
  useConnection,
  useMe,
  useMembers,
  useOutbox,
  usePerson,
  useReadable,
  useTimeline,
} from './hooks.js';
