import type { ChatHandle, User } from '@natter/client';
import { type ReactNode, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { PeoplePicker } from '../people/people-picker.js';
import { Button } from '../ui/button.js';
import { showToast } from '../ui/toasts.js';
import { useTask } from '../ui/use-task.js';

interface AddMembersDialogProps {
  readonly handle: ChatHandle;
  readonly without: readonly string[];
  readonly onClose: () => void;
}

export default function AddMembersDialog({
  handle,
  without,
  onClose,
}: AddMembersDialogProps): ReactNode {
  const say = useText();
  const [chosen, setChosen] = useState<readonly User[]>([]);
  const { isBusy, run } = useTask();
  const add = (): void =>
    run(async () => {
      const added = await handle.addMembers(chosen.map(({ id }) => id));
      // Who does not want to be added is left out, and it is not told why.
      if (added.length < chosen.length) showToast({ text: say('groups.notAllAdded') });
      onClose();
    });
  return (
    <>
      <div className="pt-3" />
      <PeoplePicker chosen={chosen} onChange={setChosen} without={without} />
      <div className="flex justify-end p-4">
        <Button isBusy={isBusy} disabled={chosen.length === 0} onClick={add}>
          {say('groups.add')}
        </Button>
      </div>
    </>
  );
}
