/**
 * Sizes and counts (docs/protocol.md, Limits). Those in `configurableLimits` are defaults that an operator may change, so
 * they are judged by the server and answered `TOO_LARGE`; those in `pageLimits` and `shownLimits` are part of the contract.
 */
export const configurableLimits = {
  textBytes: { default: 16 * 1024, unit: 'bytes of UTF-8', what: 'the text of a message' },
  ciphertextBytes: { default: 64 * 1024, unit: 'decoded bytes', what: 'an encrypted payload' },
  headerBytes: {
    default: 4 * 1024,
    unit: 'bytes of JSON',
    what: 'the header of an encrypted payload',
  },
  draftBytes: { default: 16 * 1024, unit: 'bytes of UTF-8', what: 'a draft' },
  chatPins: { default: 50, unit: 'pinned messages', what: 'one chat' },
  userReactions: { default: 20, unit: 'kinds of reaction by one user', what: 'one message' },
  messageReactions: { default: 100, unit: 'kinds of reaction', what: 'one message' },
  groupMembers: { default: 1024, unit: 'members', what: 'a group' },
  messageMedia: { default: 10, unit: 'files', what: 'a message' },
  mediaBytes: { default: 100 * 1024 * 1024, unit: 'bytes', what: 'a file' },
  userMediaBytes: {
    default: 10 * 1024 * 1024 * 1024,
    unit: 'bytes in all',
    what: 'the files that one user has uploaded and that are still held',
  },
  userMediaFiles: { default: 20_000, unit: 'files', what: 'what one user has uploaded' },
  openUploads: { default: 200, unit: 'resumable uploads under way', what: 'one user' },
  userUploads: { default: 64, unit: 'uploads at once on one node', what: 'one user' },
  userDevices: { default: 25, unit: 'devices', what: 'one user' },
  userSockets: { default: 250, unit: 'sockets on one node', what: 'one user' },
  frameBytes: { default: 256 * 1024, unit: 'bytes', what: 'one socket frame or one JSON body' },
} as const;

export type LimitName = keyof typeof configurableLimits;
export type Limits = Readonly<Record<LimitName, number>>;

export const pageLimits = {
  /** Items of a page, and messages of a snapshot. */
  page: { default: 50, maximum: 100 },
  /** Entries of one answer to `sync`, and of one page of a chat's log. */
  entries: { default: 100, maximum: 500 },
  /** Members that a `Chat` carries itself; the rest is paged. */
  participants: 20,
  /** Members of the largest group in which they are told of each other's presence (PRES-1). */
  presenceMembers: 100,
  /** Entries behind which `sync` answers `reset` (SYNC-1). */
  syncEntries: 10_000,
  /** Age of a cursor behind which `sync` answers `reset` (SYNC-1). */
  syncAgeMs: 30 * 24 * 60 * 60 * 1000,
  /** Chats to which one command forwards a message (MSG-5). */
  forwardChats: 20,
  /** Files that a message names, at the very most; an operator says how many it may hold. */
  messageMedia: 100,
  /** Numbers that tell how loud a recording is. */
  mediaPeaks: 1024,
  /** Members up to whom everybody is told of every mark at once (RCPT-2). */
  smallGroup: 32,
} as const;

/** What clients work out as the server does: an object of its own, so that no other numbers get into their bundle. */
export const shownLimits = {
  /** Highest exact `unreadCount` (CHAT-4). */
  unreadCount: 1000,
  /** Code points of a quoted message that a reply shows (MSG-5). */
  previewLength: 140,
} as const;
