import { useChatClient } from '@natter/client/react';
import { Star } from 'lucide-react';
import type { ReactNode } from 'react';
import { paths } from '../app/paths.js';
import { contentSummary } from '../conversation/message-summary.js';
import { useText } from '../i18n/use-text.js';
import { EmptyState } from '../ui/empty-state.js';
import { errorText } from '../ui/error-text.js';
import { Panel } from '../ui/panel.js';
import { RowSkeletons } from '../ui/row-skeletons.js';
import { useAnswer } from '../ui/use-answer.js';
import { HitRow } from './hit-row.js';

/** The messages that the user starred, in all chats. */
export default function StarredPanel(): ReactNode {
  const say = useText();
  const client = useChatClient();
  const { value, error } = useAnswer(() => client.request('listStars', { query: {} }), []);
  return (
    <Panel title={say('starred.title')} back={paths.settings}>
      {!value && error === undefined && <RowSkeletons />}
      {!value && error !== undefined && (
        <EmptyState title={say('error.notLoaded')} text={errorText(error, say)} />
      )}
      {value && value.items.length === 0 && (
        <EmptyState
          icon={<Star className="size-7" />}
          title={say('starred.none')}
          text={say('starred.noneText')}
        />
      )}
      <ul className="min-h-0 grow overflow-y-auto pb-3">
        {value?.items.map((message) => (
          <HitRow
            key={message.id}
            hit={{
              message,
              chatId: message.chatId,
              snippet: { text: contentSummary(message, say), ranges: [] },
            }}
          />
        ))}
      </ul>
    </Panel>
  );
}
