import { useChatClient, useMe, useReadable } from '@natter/client/react';
import { BellOff, Smartphone } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import type { TextId } from '../i18n/catalog.js';
import { type Say, useText } from '../i18n/use-text.js';
import {
  checkPush,
  type PushState,
  pushState,
  turnPushOff,
  turnPushOn,
} from '../notifications/device-push.js';
import { preferences } from '../preferences/preferences.js';
import { ChoiceGroup } from '../ui/choice-group.js';
import { errorText } from '../ui/error-text.js';
import { Section } from '../ui/panel.js';
import { SwitchRow } from '../ui/switch-row.js';
import { showToast } from '../ui/toasts.js';
import { useTask } from '../ui/use-task.js';

const hindrances: Readonly<Partial<Record<PushState, TextId>>> = {
  denied: 'push.denied',
  unsupported: 'push.unsupported',
  uninstalled: 'push.uninstalled',
};

function failureText(error: unknown, say: Say): string {
  return error instanceof DOMException ? say('push.noService') : errorText(error, say);
}

function Hindrance({
  state,
  text,
}: {
  readonly state: PushState;
  readonly text: TextId;
}): ReactNode {
  const say = useText();
  const Icon = state === 'uninstalled' ? Smartphone : BellOff;
  return (
    <p
      id="push-hindrance"
      className="bg-notice text-on-notice rounded-control mt-3 flex items-start gap-3 px-4 py-3 text-sm"
    >
      <Icon className="mt-0.5 size-4 shrink-0" />
      <span>{say(text)}</span>
    </p>
  );
}

/** Whether this browser alerts its user, and how much of a message that shows. */
export function NotificationSettings(): ReactNode {
  const say = useText();
  const client = useChatClient();
  const userId = useMe()?.id;
  const state = useReadable(pushState);
  const { alertPreview } = useReadable(preferences);
  const { isBusy, run } = useTask((error) => showToast({ text: failureText(error, say) }));
  useEffect(() => {
    if (userId !== undefined) void checkPush(userId);
  }, [userId]);
  if (userId === undefined) return null;
  const hindrance = hindrances[state];
  const set = (isOn: boolean): void => run(() => (isOn ? turnPushOn : turnPushOff)(client, userId));
  return (
    <>
      <Section>
        <SwitchRow
          label={say('push.device')}
          note={say('push.deviceNote')}
          isOn={state === 'on'}
          isDisabled={isBusy || (state !== 'on' && state !== 'off')}
          onChange={set}
        />
        <div role="status">
          {hindrance !== undefined && <Hindrance state={state} text={hindrance} />}
        </div>
      </Section>
      <Section>
        <ChoiceGroup
          label={say('push.preview')}
          choices={[
            ['text', say('push.previewText')],
            ['sender', say('push.previewSender')],
            ['nothing', say('push.previewNothing')],
          ]}
          chosen={alertPreview}
          onChange={(preview) => preferences.set({ alertPreview: preview })}
        />
        <p className="text-muted mt-3 text-sm">{say('push.silentNote')}</p>
      </Section>
    </>
  );
}
