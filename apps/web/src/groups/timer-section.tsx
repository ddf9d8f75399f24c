import type { ChatItem } from '@natter/client';
import { useLingui } from '@lingui/react';
import { useChat } from '@natter/client/react';
import { ChevronDown, Timer } from 'lucide-react';
import type { ReactNode } from 'react';
import { durationText } from '../i18n/durations.js';
import { useText } from '../i18n/use-text.js';
import { showMenu } from '../ui/menu.js';
import { Section } from '../ui/panel.js';
import { useTask } from '../ui/use-task.js';

const MINUTE = 60 * 1000;
const DAY = 24 * 60 * MINUTE;
const choices = [undefined, 5 * MINUTE, 60 * MINUTE, DAY, 7 * DAY, 28 * DAY];

/** How long messages live that are sent from now on. */
export function TimerSection({ chat }: { readonly chat: ChatItem }): ReactNode {
  const say = useText();
  const { locale } = useLingui().i18n;
  const [handle] = useChat(chat.id);
  const { isBusy, run } = useTask();
  const nameOf = (ms: number | undefined): string =>
    ms === undefined ? say('timer.off') : durationText(locale, ms);
  return (
    <Section>
      <button
        type="button"
        disabled={isBusy}
        aria-haspopup="menu"
        onClick={(event) =>
          showMenu({
            anchor: event.currentTarget,
            label: say('timer.title'),
            groups: [
              choices.map((ms) => ({
                label: nameOf(ms),
                isChosen: ms === chat.messageTtlMs,
                run: () => run(() => handle.update({ messageTtlMs: ms ?? null })),
              })),
            ],
          })
        }
        className="hover:bg-hover -mx-2 flex w-[calc(100%+1rem)] items-center gap-3 rounded-xl px-2 py-2 text-start"
      >
        <Timer className="text-muted size-5 shrink-0" />
        <span className="grow">
          <span className="block">{say('timer.title')}</span>
          <span className="text-muted block text-sm">{nameOf(chat.messageTtlMs)}</span>
        </span>
        <ChevronDown className="text-muted size-4" />
      </button>
    </Section>
  );
}
