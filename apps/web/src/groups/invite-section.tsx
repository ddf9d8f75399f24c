import type { ChatItem } from '@natter/client';
import { useChat } from '@natter/client/react';
import { Link2 } from 'lucide-react';
import { lazy, type ReactNode, useState } from 'react';
import { paths } from '../app/paths.js';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { Section } from '../ui/panel.js';
import { showToast } from '../ui/toasts.js';
import { useTask } from '../ui/use-task.js';

const QrCode = lazy(() => import('../ui/qr-code.js'));

/** A link by which others join a group; the one before it ends with each new one. */
export function InviteSection({ chat }: { readonly chat: ChatItem }): ReactNode {
  const say = useText();
  const [handle] = useChat(chat.id);
  const [code, setCode] = useState<string>();
  const { isBusy, run } = useTask();
  if (code === undefined) {
    return (
      <Section title={say('invite.section')}>
        <p className="text-muted mb-3 text-sm">{say('invite.explain')}</p>
        <Button
          look="quiet"
          isBusy={isBusy}
          onClick={() => run(async () => setCode(await handle.createInvite()))}
        >
          <Link2 className="size-4" /> {say('invite.make')}
        </Button>
      </Section>
    );
  }
  const link = new URL(paths.invite(code), location.origin).href;
  return (
    <Section title={say('invite.section')}>
      <div className="flex flex-col items-center gap-3">
        <QrCode text={link} label={say('invite.qr')} />
        <p
          dir="ltr"
          className="bg-field rounded-control w-full px-3 py-2 text-sm break-all select-all"
        >
          {link}
        </p>
        <div className="flex w-full flex-wrap gap-2">
          <Button
            className="grow"
            onClick={() => {
              void navigator.clipboard
                .writeText(link)
                .then(() => showToast({ text: say('invite.copied') }));
            }}
          >
            {say('invite.copy')}
          </Button>
          <Button
            look="danger"
            isBusy={isBusy}
            onClick={() =>
              run(async () => {
                await handle.revokeInvite();
                setCode(undefined);
              })
            }
          >
            {say('invite.end')}
          </Button>
        </div>
      </div>
    </Section>
  );
}
