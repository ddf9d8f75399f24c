import type { ChatHandle, ChatItem, ChatPreferences } from '@natter/client';
import {
  Archive,
  ArchiveRestore,
  Bell,
  BellOff,
  Eraser,
  MailCheck,
  MailOpen,
  Pin,
  PinOff,
} from 'lucide-react';
import { useText } from '../i18n/use-text.js';
import { confirm } from '../ui/confirm.js';
import { errorText } from '../ui/error-text.js';
import type { MenuAction } from '../ui/menu.js';
import { showToast } from '../ui/toasts.js';
import { isMuted } from './is-muted.js';
import { showMuteDialog } from './show-mute-dialog.js';

/** What a user can do with a chat for himself, in groups as a menu shows them. */
export function useChatActions(handle: ChatHandle, chat: ChatItem): MenuAction[][] {
  const say = useText();
  const set = (preferences: ChatPreferences) => (): void => {
    handle
      .setPreferences(preferences)
      .catch((error: unknown) => showToast({ text: errorText(error, say) }));
  };
  const [muted, pinned, archived] = [
    isMuted(chat),
    chat.pinnedAt !== undefined,
    chat.archivedAt !== undefined,
  ];
  const isUnread = (chat.unreadCount ?? 0) > 0 || chat.isMarkedUnread;
  return [
    [
      {
        label: say(pinned ? 'chats.unpin' : 'chats.pin'),
        icon: pinned ? PinOff : Pin,
        run: set({ pinned: !pinned }),
      },
      {
        label: say(muted ? 'chats.unmute' : 'chats.mute'),
        icon: muted ? Bell : BellOff,
        run: muted ? set({ mutedUntil: null }) : () => showMuteDialog(handle, say),
      },
      {
        label: say(archived ? 'chats.unarchive' : 'chats.archive'),
        icon: archived ? ArchiveRestore : Archive,
        run: set({ archived: !archived }),
      },
      isUnread
        ? { label: say('chats.markRead'), icon: MailOpen, run: () => handle.markSeen() }
        : { label: say('chats.markUnread'), icon: MailCheck, run: set({ markedUnread: true }) },
    ],
    [
      {
        label: say('chats.clear'),
        icon: Eraser,
        isDangerous: true,
        run: () => {
          void confirm({
            title: say('chats.clearTitle'),
            text: say('chats.clearText'),
            action: say('chats.clear'),
            cancel: say('common.cancel'),
            isDangerous: true,
          }).then((isSure) => {
            if (isSure) void handle.clear();
          });
        },
      },
    ],
  ];
}
