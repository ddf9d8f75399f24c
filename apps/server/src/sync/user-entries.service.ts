import type { Chat, ChatId, Device, DeviceId, User, UserEntry, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { ChatsService } from '../chats/chats.service.js';
import { DevicesService } from '../devices/devices.service.js';
import {
  BlockDetails,
  ClearingDetails,
  type CommittedUserEvent,
  MessageDetails,
  RemovalDetails,
  SessionDetails,
  StarDetails,
  type UserEventName,
} from '../streams/commit.js';
import { reportUnreadable } from '../streams/unreadable-rows.js';
import { UsersService } from '../users/users.service.js';

/** Who reads: live events go to all sockets of a user, a sync to one device. */
export interface Reader {
  readonly userId: UserId;
  readonly deviceId?: DeviceId;
}

/** Today's content of what the events name. */
interface Content {
  readonly chats: ReadonlyMap<ChatId, Chat>;
  readonly devices: ReadonlyMap<DeviceId, Device>;
  readonly user: User | undefined;
}

/** Events that show a chat as it is today, or say nothing to who has left it. */
const SHOWING_A_CHAT: ReadonlySet<string> = new Set<UserEventName>([
  'chatAdded',
  'chatPreferencesChanged',
  'draftChanged',
  'messageHidden',
  'messageStarred',
  'chatCleared',
]);

/** Makes what is stored of a user's own stream into the events that he gets, with today's content. */
@Injectable()
export class UserEntriesService {
  constructor(
    private readonly chats: ChatsService,
    private readonly devices: DevicesService,
    private readonly users: UsersService,
  ) {}

  /**
   * The events in the order given. Of a chat that was left since only `chatRemoved` is there (SYNC-1); what a newer version
   * stored is left out.
   */
  async render(reader: Reader, events: readonly CommittedUserEvent[]): Promise<UserEntry[]> {
    const content = await this.read(reader, events);
    const rendered = events.flatMap((event) => renderEvent(event, content) ?? []);
    return withChatsOnce(rendered);
  }

  private async read(
    { userId, deviceId }: Reader,
    events: readonly CommittedUserEvent[],
  ): Promise<Content> {
    const chatIds = events.flatMap(({ event, chatId }) =>
      SHOWING_A_CHAT.has(event) && chatId ? [chatId] : [],
    );
    const deviceIds = events.flatMap((committed) =>
      committed.event === 'deviceAdded'
        ? (z.safeParse(SessionDetails, committed.details).data?.deviceId ?? [])
        : [],
    );
    const wantsUser = events.some(({ event }) => event === 'profileChanged');
    const [chats, devices, user] = await Promise.all([
      this.chats.readOwn(userId, [...new Set(chatIds)]),
      deviceIds.length > 0 ? this.devices.own(userId, deviceIds, deviceId) : [],
      wantsUser ? this.users.findOwn(userId) : undefined,
    ]);
    return { chats, devices: new Map(devices.map((device) => [device.id, device])), user };
  }
}

/**
 * Of the chats that hidings and clearings bring, each in the last of them alone: it is of today in all (SYNC-3). They bring
 * what system messages and marks have made of a chat: who was away when another device of his hid those is not told of
 * them any more (SYNC-4), and would not know it else.
 */
function withChatsOnce(entries: readonly UserEntry[]): UserEntry[] {
  const brought = new Set<ChatId>();
  return entries
    .toReversed()
    .map((entry): UserEntry => {
      if (entry.event !== 'messageHidden' && entry.event !== 'chatCleared') return entry;
      if (!entry.payload.chat || !brought.has(entry.payload.chatId)) {
        brought.add(entry.payload.chatId);
        return entry;
      }
      if (entry.event === 'messageHidden') {
        const { chat: _, ...payload } = entry.payload;
        return { event: entry.event, payload };
      }
      const { chat: _, ...payload } = entry.payload;
      return { event: entry.event, payload };
    })
    .toReversed();
}

function reportUnread({ userId: streamId, userSeq: seq }: CommittedUserEvent): undefined {
  reportUnreadable({ what: 'userEvent', streamId, seq });
}

/** The details of an event as their schema has them. */
function detailsOf<T extends z.core.$ZodType>(
  schema: T,
  committed: CommittedUserEvent,
): z.output<T> | undefined {
  const { success, data } = z.safeParse(schema, committed.details);
  return success ? data : reportUnread(committed);
}

/** The chat that an event names. */
function chatIdOf(committed: CommittedUserEvent): ChatId | undefined {
  return committed.chatId ?? reportUnread(committed);
}

function renderEvent(committed: CommittedUserEvent, content: Content): UserEntry | undefined {
  const { event, userSeq } = committed;
  switch (event) {
    case 'chatAdded': {
      const chatId = chatIdOf(committed);
      const chat = chatId && content.chats.get(chatId);
      return chat && { event, payload: { userSeq, chat } };
    }
    case 'chatPreferencesChanged': {
      const chatId = chatIdOf(committed);
      const me = chatId && content.chats.get(chatId)?.me;
      return me && { event, payload: { userSeq, chatId, me } };
    }
    case 'draftChanged': {
      const chatId = chatIdOf(committed);
      const me = chatId && content.chats.get(chatId)?.me;
      return me && { event, payload: { userSeq, chatId, ...(me.draft && { draft: me.draft }) } };
    }
    case 'chatRemoved': {
      const chatId = chatIdOf(committed);
      const removal = chatId && detailsOf(RemovalDetails, committed);
      return removal && { event, payload: { userSeq, chatId, reason: removal.reason } };
    }
    case 'chatCleared': {
      const chatId = chatIdOf(committed);
      const chat = chatId && content.chats.get(chatId);
      const clearing = chat && detailsOf(ClearingDetails, committed);
      return clearing && { event, payload: { userSeq, chatId, ...clearing, chat } };
    }
    case 'messageHidden': {
      const chatId = chatIdOf(committed);
      const chat = chatId && content.chats.get(chatId);
      const hiding = chat && detailsOf(MessageDetails, committed);
      return hiding && { event, payload: { userSeq, chatId, ...hiding, chat } };
    }
    case 'messageStarred': {
      const chatId = chatIdOf(committed);
      const chat = chatId && content.chats.get(chatId);
      const star = chat && detailsOf(StarDetails, committed);
      return star && { event, payload: { userSeq, chatId, ...star } };
    }
    case 'userBlocked':
    case 'userUnblocked': {
      const block = detailsOf(BlockDetails, committed);
      return block && { event, payload: { userSeq, userId: block.userId } };
    }
    case 'profileChanged':
      return content.user && { event, payload: { userSeq, user: content.user } };
    case 'deviceAdded': {
      const session = detailsOf(SessionDetails, committed);
      const device = session && content.devices.get(session.deviceId);
      return device && { event, payload: { userSeq, device } };
    }
    case 'deviceRevoked': {
      const session = detailsOf(SessionDetails, committed);
      return session && { event, payload: { userSeq, deviceId: session.deviceId } };
    }
    default:
      return reportUnread(committed);
  }
}
