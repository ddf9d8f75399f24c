import type {
  ChatId,
  ClientMessageId,
  DeviceId,
  GroupSettings,
  MediaId,
  MediaKind,
  MemberRole,
  MessageId,
  MessageKind,
  Privacy,
  ReceiptStatus,
  System,
  UserId,
} from '@natter/protocol';
import type { ColumnType, Generated } from 'kysely';

type Timestamp = ColumnType<Date, Date | undefined, Date>;
type AllowedRoles = GroupSettings['send'];

export interface InstallationTable {
  singleton: Generated<boolean>;
  epoch: Generated<string>;
  secret: Buffer;
  /** The VAPID key, where the configuration gives none. */
  vapid_private_key: Buffer | null;
}

export interface UsersTable {
  id: UserId;
  username: string;
  display_name: string;
  password_hash: string;
  created_at: Timestamp;
  about: string | null;
  presence_privacy: Generated<Privacy['presence']>;
  seen_privacy: Generated<Privacy['seen']>;
  group_privacy: Generated<Privacy['addToGroups']>;
  deleted_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** When his last socket was closed. */
  last_seen_at: ColumnType<Date | null, never, Date | null>;
  /** The name of his avatar. */
  avatar: ColumnType<string | null, string | null | undefined, string | null>;
  /** Whether the account is deleted and may still be in groups. */
  departs: Generated<boolean>;
}

/** The usernames of deleted accounts, which nobody gets again; kept so that they can be recognized and not be read. */
export interface RetiredUsernamesTable {
  digest: Buffer;
}

export interface DevicesTable {
  id: DeviceId;
  user_id: UserId;
  name: string;
  platform: string | null;
  generation: Generated<number>;
  /** Random, of this device alone; with a secret of the server it makes the refresh tokens of its sessions. */
  refresh_nonce: Buffer;
  /** How many times the session was refreshed: which refresh token is the newest. */
  refresh_counter: Generated<number>;
  /** Whether the newest refresh token, or the access token that came with it, has been used (AUTH-2). */
  refresh_confirmed: Generated<boolean>;
  created_at: Timestamp;
  last_seen_at: Timestamp;
  revoked_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

export interface ChatsTable {
  id: ChatId;
  type: 'direct' | 'group';
  title: string | null;
  description: string | null;
  visibility: Generated<'private' | 'public'>;
  send_setting: Generated<AllowedRoles>;
  add_members_setting: Generated<AllowedRoles>;
  edit_info_setting: Generated<AllowedRoles>;
  created_by: UserId;
  client_chat_id: ChatId | null;
  /** Of the code that lets its holder join; the code itself is kept nowhere. */
  invite_hash: Buffer | null;
  deleted_at: Date | null;
  /** The name of its avatar. */
  avatar: ColumnType<string | null, string | null | undefined, string | null>;
  /** Of a deleted chat: whether nothing is left of its content. */
  purged: Generated<boolean>;
  /** Whether one of the two of a direct chat blocks the other. */
  low_blocks: Generated<boolean>;
  high_blocks: Generated<boolean>;
  /** How long messages live that are sent from now on; null, for ever. */
  message_ttl_ms: number | null;
  direct_low: UserId | null;
  direct_high: UserId | null;
  created_at: Timestamp;
  last_activity_at: Timestamp;
  last_seq: Generated<number>;
  last_ordinal: Generated<number>;
  member_count: number;
}

export interface MembersTable {
  chat_id: ChatId;
  user_id: UserId;
  role: MemberRole;
  joined_at: Timestamp;
  /** The `seq` of the entry by which he joined; sync gives him entries from there on. */
  joined_seq: number;
}

export interface MarksTable {
  chat_id: ChatId;
  user_id: UserId;
  delivered_seq: Generated<number>;
  seen_seq: Generated<number>;
  /** The ordinal of the newest counting message at or below `seen_seq`. */
  seen_ordinal: Generated<number>;
  /** What others see of the marks; null, the marks themselves. */
  shown_delivered_seq: number | null;
  shown_seen_seq: number | null;
  /** When and by which transaction these were the marks; null where others see the marks themselves. */
  shown_at: Date | null;
  shown_xid: string | null;
  delivered_at: Date | null;
  seen_at: Date | null;
  /** Of the transaction that moved them last: what sync asks for what has changed. */
  xid: Generated<string>;
}

/** When marks were moved, for as long as that is kept. */
export interface MarkHistoryTable {
  chat_id: ChatId;
  user_id: UserId;
  seq: number;
  status: ReceiptStatus;
  at: Date;
}

/** A member who has set nothing has no row. */
export interface PreferencesTable {
  chat_id: ChatId;
  user_id: UserId;
  muted_until: Date | null;
  pinned_at: Date | null;
  archived_at: Date | null;
  /** The seen mark at which the chat was marked unread; that ends when the mark moves on. */
  marked_unread_at_seq: number | null;
  draft_text: string | null;
  draft_reply_to_id: MessageId | null;
  /** Everything up to it is hidden from the member. */
  cleared_seq: Generated<number>;
  /** The ordinal of the newest message at or below `cleared_seq`. */
  cleared_ordinal: Generated<number>;
}

export interface MessagesTable {
  chat_id: ChatId;
  seq: number;
  /** How many messages that count as unread the chat has up to here (CHAT-4). */
  ordinal: number;
  id: MessageId;
  kind: MessageKind;
  sender_id: UserId;
  sender_device_id: DeviceId | null;
  client_message_id: ClientMessageId | null;
  fingerprint: Buffer | null;
  text: string | null;
  mentions: UserId[] | null;
  /** `Encrypted` as JSON text. */
  encrypted: string | null;
  system: System | null;
  reply_to_id: MessageId | null;
  reply_to_seq: number | null;
  forwarded: Generated<boolean>;
  created_at: Date;
  edited_at: Date | null;
  /** Set in a tombstone, which has no content (MSG-3). */
  deleted_at: Date | null;
  pinned_at: Date | null;
  expires_at: Date | null;
  /** Whether nothing is left of what an expired message held. */
  purged: Generated<boolean>;
  xid: Generated<string>;
}

/** Entries of a chat's stream that are no messages; their `seq` is of the same numbers as that of messages. */
export interface ChangesTable {
  chat_id: ChatId;
  seq: number;
  event: string;
  message_id: MessageId;
  message_seq: number;
  user_id: UserId;
  details: unknown;
  created_at: Date;
  xid: Generated<string>;
}

export interface ReactionsTable {
  chat_id: ChatId;
  /** Of the message. */
  seq: number;
  emoji: string;
  user_id: UserId;
  created_at: Timestamp;
}

export interface BlocksTable {
  blocker_id: UserId;
  blocked_id: UserId;
  created_at: Timestamp;
}

/** Messages that a user deleted for himself, or that somebody sent him whom he had blocked. */
export interface HiddenTable {
  user_id: UserId;
  chat_id: ChatId;
  seq: number;
  silenced: Generated<boolean>;
}

export interface StarsTable {
  user_id: UserId;
  chat_id: ChatId;
  seq: number;
  starred_at: Timestamp;
}

/** A file that was uploaded; what it is, its content says. */
export interface MediaTable {
  id: MediaId;
  /** Who uploaded it. */
  owner_id: UserId;
  kind: MediaKind;
  mime_type: string;
  file_name: string;
  /** Of what is answered, in bytes, and its SHA-256. */
  size: number;
  sha256: Buffer;
  /** Nobody but its readers knows what it is. */
  opaque: boolean;
  width: number | null;
  height: number | null;
  duration_ms: number | null;
  thumbhash: string | null;
  voice: boolean;
  peaks: number[] | null;
  /** Without a thumbnail, both are null. */
  thumbnail_size: number | null;
  thumbnail_type: string | null;
  created_at: Timestamp;
  /** Since when no message has held it yet; null once one has. */
  unheld_since: ColumnType<Date | null, never, Date | null>;
  /** From then on it is in no answer, and its bytes go. */
  deleted_at: ColumnType<Date | null, never, Date | null>;
}

/** Which media a message holds. */
export interface MessageMediaTable {
  chat_id: ChatId;
  seq: number;
  /** From 1 on: their order. */
  place: number;
  media_id: MediaId;
}

/** What has come to whose device of a file. */
export interface MediaDownloadsTable {
  media_id: MediaId;
  user_id: UserId;
  device_id: DeviceId;
  /** Which bytes, as an `int8multirange`. */
  ranges: Generated<string>;
  /** When it had all of it; until then null. */
  downloaded_at: Date | null;
}

/** Pictures of users and groups, which everybody may see who has the name. */
export interface AvatarsTable {
  name: string;
  mime_type: string;
  size: number;
  created_at: Timestamp;
  deleted_at: ColumnType<Date | null, never, Date | null>;
}

export interface UserStreamsTable {
  user_id: UserId;
  last_seq: Generated<number>;
}

export interface UserEventsTable {
  user_id: UserId;
  user_seq: number;
  event: string;
  chat_id: ChatId | null;
  details: unknown;
  created_at: Date;
}

export interface CommitsTable {
  xid: Generated<string>;
  chat_ids: ChatId[];
  chat_seqs: number[];
  user_ids: UserId[];
  user_seqs: number[];
  created_at: Timestamp;
}

/** Parts of one chat's stream, whose tokens in the index begin with the id. */
export interface SearchSegmentsTable {
  id: Generated<string>;
  chat_id: ChatId;
  segment: number;
  oldest_at: Date;
  newest_at: Date;
}

/** What a span of messages is found by; it may be behind the messages. Those of a chat have no entry in common. */
export interface SearchTokensTable {
  chat_id: ChatId;
  seq: number;
  /** 0 where an older version has indexed the one message. */
  last_seq: number;
  /** Of the oldest message. */
  created_at: Date;
  /** Of the newest message; `-infinity` where an older version has indexed the one. */
  newest_at: Date;
  tokens: string;
}

/** How far a chat is indexed; without a row, not at all. */
export interface SearchPositionsTable {
  chat_id: ChatId;
  indexed_seq: Generated<number>;
  /** The oldest version by which any of its messages may be indexed. */
  index_version: number;
  /** Up to where this version has indexed again what an older one had. */
  reindexed_seq: Generated<number>;
}

/** A device that is to be alerted by Web Push; the row ends with the session in which it was made. */
export interface PushSubscriptionsTable {
  device_id: DeviceId;
  user_id: UserId;
  endpoint: string;
  /** The endpoint's host and port. */
  service: string;
  p256dh: string;
  auth: string;
  created_at: Timestamp;
}

/** Up to where it is settled which devices are alerted of a chat's messages. */
export interface PushPositionsTable {
  chat_id: ChatId;
  planned_seq: number;
}

/** What a device is to be alerted of, or was, in one chat. */
export interface PushAlertsTable {
  device_id: DeviceId;
  chat_id: ChatId;
  user_id: UserId;
  /** What came up to here it was alerted of, or had no need to be. */
  after_seq: number;
  /** The newest message of which it is to be alerted. */
  seq: number;
  /** When that message was sent. */
  sent_at: Date;
  /** The message of which the push service was told last; 0, of none. */
  handed_seq: Generated<number>;
  /** When to tell the push service of `seq`, or that it is over; null where it knows all there is. */
  due_at: Date | null;
  attempts: Generated<number>;
}

/** Every table by name. Rows are private to the repository that reads them; mappers make wire types of them. */
export interface Tables {
  installation: InstallationTable;
  users: UsersTable;
  retired_usernames: RetiredUsernamesTable;
  devices: DevicesTable;
  chats: ChatsTable;
  members: MembersTable;
  marks: MarksTable;
  preferences: PreferencesTable;
  mark_history: MarkHistoryTable;
  blocks: BlocksTable;
  messages: MessagesTable;
  changes: ChangesTable;
  reactions: ReactionsTable;
  media: MediaTable;
  message_media: MessageMediaTable;
  media_downloads: MediaDownloadsTable;
  avatars: AvatarsTable;
  hidden: HiddenTable;
  stars: StarsTable;
  user_streams: UserStreamsTable;
  user_events: UserEventsTable;
  commits: CommitsTable;
  search_segments: SearchSegmentsTable;
  search_tokens: SearchTokensTable;
  search_positions: SearchPositionsTable;
  push_subscriptions: PushSubscriptionsTable;
  push_positions: PushPositionsTable;
  push_alerts: PushAlertsTable;
}
