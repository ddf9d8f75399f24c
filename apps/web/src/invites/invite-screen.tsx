import { useChatClient } from '@natter/client/react';
import { Link2Off } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { paths } from '../app/paths.js';
import { PanelLoading } from '../app/panel-loading.js';
import { useText } from '../i18n/use-text.js';
import { Avatar } from '../ui/avatar.js';
import { Button } from '../ui/button.js';
import { EmptyState } from '../ui/empty-state.js';
import { useAnswer } from '../ui/use-answer.js';
import { useTask } from '../ui/use-task.js';

/** Where an invite link leads: the group, and the way in. */
export default function InviteScreen({ code }: { readonly code: string }): ReactNode {
  const say = useText();
  const client = useChatClient();
  const [, navigate] = useLocation();
  const { value: chat, error } = useAnswer(() => client.chats.invitation(code), [code]);
  const { isBusy, run } = useTask();
  if (!chat && error === undefined) return <PanelLoading />;
  return (
    <div className="canvas-dots grid h-full place-items-center p-4">
      {chat ? (
        <div className="bg-panel shadow-raised animate-rise flex w-full max-w-90 flex-col items-center gap-2 rounded-3xl p-8 text-center">
          <Avatar
            id={chat.chatId}
            name={chat.title}
            url={chat.avatarUrl}
            kind="group"
            size="huge"
          />
          <h2 className="mt-2 text-xl font-semibold">
            <bdi>{chat.title}</bdi>
          </h2>
          <p className="text-muted">{say('groups.memberCount', { count: chat.memberCount })}</p>
          <Button
            className="mt-4 w-full"
            isBusy={isBusy}
            onClick={() =>
              run(async () => {
                const joined = await client.chats.join(chat.chatId, code);
                navigate(paths.chat(joined.id));
              })
            }
          >
            {say('invite.join')}
          </Button>
          <Link href={paths.home} className="text-muted mt-1 min-h-8 font-medium">
            {say('common.cancel')}
          </Link>
        </div>
      ) : (
        <EmptyState
          icon={<Link2Off className="size-7" />}
          title={say('invite.goneTitle')}
          text={say('invite.goneText')}
          action={
            <Link href={paths.home} className="text-brand-text font-medium">
              {say('chat.toChats')}
            </Link>
          }
        />
      )}
    </div>
  );
}
