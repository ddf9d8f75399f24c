import type { ChatItem, MessageItem } from '@natter/client';
import { useChatClient } from '@natter/client/react';
import {
  Copy,
  Download,
  Forward,
  Info,
  Pencil,
  Pin,
  PinOff,
  Reply,
  Star,
  StarOff,
  Trash2,
  UserX,
} from 'lucide-react';
import { download } from '../media/download.js';
import { shownMedia } from '../media/media-item.js';
import { useText } from '../i18n/use-text.js';
import type { Anchor } from '../ui/anchor.js';
import { type MenuAction, showMenu } from '../ui/menu.js';
import { errorText } from '../ui/error-text.js';
import { showDialog } from '../ui/dialog.js';
import { showToast } from '../ui/toasts.js';
import { useConversation } from './conversation-context.js';
import { ForwardDialog, QuickReactions, ReceiptsDialog } from './lazy-dialogs.js';

/** Whether this user may delete a message for everyone (CHAT-2, MSG-3). */
function mayDeleteForAll(message: MessageItem, chat: ChatItem | undefined): boolean {
  return message.isOwn || (chat?.type === 'group' && chat.role !== 'member');
}

function mayPin(chat: ChatItem | undefined): boolean {
  return chat?.type === 'direct' || chat?.role !== 'member' || chat.settings?.editInfo === 'all';
}

/** Opens the menu of a message, at an element or at a point of the screen. */
export function useMessageMenu(message: MessageItem): (anchor: Anchor) => void {
  const say = useText();
  const client = useChatClient();
  const { handle, reply, edit, remove } = useConversation();

  function toMessage(): MenuAction[] {
    const { text } = message;
    if (message.deletedAt !== undefined) return [];
    const isStored = message.id !== undefined;
    const [file, ...otherFiles] = shownMedia(message);
    const fileId = otherFiles.length === 0 ? file?.id : undefined;
    return [
      { label: say('message.reply'), icon: Reply, run: () => reply(message) },
      ...(text
        ? [
            {
              label: say('message.copy'),
              icon: Copy,
              run: () => {
                void navigator.clipboard.writeText(text).then(() => {
                  showToast({ text: say('message.copied') });
                });
              },
            },
          ]
        : []),
      ...(file && fileId !== undefined
        ? [
            {
              label: say('media.download'),
              icon: Download,
              run: () => {
                client.media.link(fileId).then(
                  ({ url }) => download(url, file.fileName),
                  (error: unknown) => showToast({ text: errorText(error, say) }),
                );
              },
            },
          ]
        : []),
      ...(message.kind === 'encrypted'
        ? []
        : [
            {
              label: say('message.forward'),
              icon: Forward,
              run: () =>
                showDialog({
                  title: say('forward.title'),
                  content: (close) => (
                    <ForwardDialog handle={handle} message={message} onClose={close} />
                  ),
                }),
            },
          ]),
      ...(message.isOwn && message.kind !== 'encrypted'
        ? [{ label: say('message.edit'), icon: Pencil, run: () => edit(message) }]
        : []),
      ...(isStored && message.isOwn
        ? [
            {
              label: say('message.info'),
              icon: Info,
              run: () =>
                showDialog({
                  title: say('message.info'),
                  content: () => <ReceiptsDialog handle={handle} message={message} />,
                }),
            },
          ]
        : []),
    ];
  }

  function marks(): MenuAction[] {
    if (message.deletedAt !== undefined || message.id === undefined) return [];
    const { starred = false, pinned = false } = message;
    const star: MenuAction = {
      label: say(starred ? 'message.unstar' : 'message.star'),
      icon: starred ? StarOff : Star,
      run: () => void (starred ? handle.unstar(message) : handle.star(message)),
    };
    const pin: MenuAction = {
      label: say(pinned ? 'message.unpin' : 'message.pin'),
      icon: pinned ? PinOff : Pin,
      run: () => void (pinned ? handle.unpin(message) : handle.pin(message)),
    };
    return mayPin(handle.getSnapshot()) ? [star, pin] : [star];
  }

  function deletions(): MenuAction[] {
    const isForAll =
      message.deletedAt === undefined && mayDeleteForAll(message, handle.getSnapshot());
    return [
      {
        label: say('message.deleteForMe'),
        icon: UserX,
        isDangerous: true,
        run: () => remove(message, 'me'),
      },
      ...(isForAll
        ? [
            {
              label: say('message.deleteForEveryone'),
              icon: Trash2,
              isDangerous: true,
              run: () => remove(message, 'everyone'),
            },
          ]
        : []),
    ];
  }

  return (anchor) =>
    showMenu({
      anchor,
      label: say('message.actions'),
      groups: [toMessage(), marks(), deletions()],
      ...(message.deletedAt === undefined && {
        header: <QuickReactions handle={handle} message={message} />,
      }),
    });
}
