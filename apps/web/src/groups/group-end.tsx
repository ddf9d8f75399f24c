import type { ChatItem } from '@natter/client';
import { useChat } from '@natter/client/react';
import { LogOut, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { paths } from '../app/paths.js';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { confirm } from '../ui/confirm.js';
import { Section } from '../ui/panel.js';
import { useTask } from '../ui/use-task.js';

/** The ways out of a group. */
export function GroupEnd({ chat }: { readonly chat: ChatItem }): ReactNode {
  const say = useText();
  const [handle] = useChat(chat.id);
  const [, navigate] = useLocation();
  const { isBusy, run } = useTask();
  const ask = (kind: 'leave' | 'delete', act: () => Promise<void>) => (): void => {
    void confirm({
      title: say(`groups.${kind}Title`, { name: chat.name }),
      text: say(`groups.${kind}Text`),
      action: say(`groups.${kind}`),
      cancel: say('common.cancel'),
      isDangerous: true,
    }).then((isSure) => {
      if (!isSure) return;
      run(async () => {
        await act();
        navigate(paths.home);
      });
    });
  };
  return (
    <Section>
      <div className="flex flex-col gap-2">
        <Button look="danger" isBusy={isBusy} onClick={ask('leave', () => handle.leave())}>
          <LogOut className="size-4" /> {say('groups.leave')}
        </Button>
        {chat.role === 'owner' && (
          <Button look="danger" isBusy={isBusy} onClick={ask('delete', () => handle.deleteGroup())}>
            <Trash2 className="size-4" /> {say('groups.delete')}
          </Button>
        )}
      </div>
    </Section>
  );
}
