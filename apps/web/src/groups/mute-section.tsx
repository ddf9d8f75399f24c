import type { ChatItem } from '@natter/client';
import { useLingui } from '@lingui/react';
import { useChat } from '@natter/client/react';
import { Bell, BellOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { mutedText, useIsMuted } from '../chat-list/mutes.js';
import { showMuteDialog } from '../chat-list/show-mute-dialog.js';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { Section } from '../ui/panel.js';
import { useTask } from '../ui/use-task.js';

/** Whether a chat is silent, until when, and what changes that. */
export function MuteSection({ chat }: { readonly chat: ChatItem }): ReactNode {
  const say = useText();
  const { locale } = useLingui().i18n;
  const [handle] = useChat(chat.id);
  const isMuted = useIsMuted(chat);
  const { isBusy, run } = useTask();
  const Icon = isMuted ? BellOff : Bell;
  return (
    <Section>
      <div className="flex items-center gap-3">
        <Icon className="text-muted size-5 shrink-0" />
        <span className="min-w-0 grow">
          <span className="block">{say('settings.notifications')}</span>
          <span className="text-muted block text-sm">
            {isMuted ? mutedText(chat, locale, say) : say('mute.off')}
          </span>
        </span>
        <Button
          look="quiet"
          isBusy={isBusy}
          onClick={() => {
            if (isMuted) run(() => handle.setPreferences({ mutedUntil: null }));
            else showMuteDialog(handle, say);
          }}
        >
          {say(isMuted ? 'chats.unmute' : 'chats.mute')}
        </Button>
      </div>
    </Section>
  );
}
