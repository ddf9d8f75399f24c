import { Pencil, Reply, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { IconButton } from '../ui/button.js';
import type { ComposerTask } from './composer-task.js';
import { useMessageSummary } from './message-summary.js';

/** Above the field: the message that is answered or changed. */
export function ComposerTaskBar({
  task,
  onEnd,
}: {
  readonly task: ComposerTask;
  readonly onEnd: () => void;
}): ReactNode {
  const say = useText();
  const summary = useMessageSummary(task.type === 'write' ? undefined : task.message);
  if (task.type === 'write') return null;
  const { isOwn, sender } = task.message;
  const Icon = task.type === 'edit' ? Pencil : Reply;
  return (
    <div className="animate-rise flex items-center gap-3 ps-5 pe-2 pt-2">
      <Icon className="text-brand-text size-5 shrink-0" />
      <div className="border-brand min-w-0 grow border-s-4 ps-3">
        <p className="text-brand-text text-sm font-semibold">
          {task.type === 'edit'
            ? say('composer.editing')
            : say('composer.replying', { name: isOwn ? say('people.you') : sender.displayName })}
        </p>
        <p className="text-muted truncate text-sm">
          <bdi>{summary}</bdi>
        </p>
      </div>
      <IconButton label={say('common.cancel')} onClick={onEnd}>
        <X className="size-5" />
      </IconButton>
    </div>
  );
}
