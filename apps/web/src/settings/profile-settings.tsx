import type { User } from '@natter/client';
import { useChatClient, useMe } from '@natter/client/react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { AvatarEditor } from '../people/avatar-editor.js';
import { Avatar } from '../ui/avatar.js';
import { Button } from '../ui/button.js';
import { TextField } from '../ui/text-field.js';
import { showToast } from '../ui/toasts.js';
import { useTask } from '../ui/use-task.js';

const LONGEST_NAME = 64;
const LONGEST_ABOUT = 512;

function ProfileForm({ me }: { readonly me: User }): ReactNode {
  const say = useText();
  const client = useChatClient();
  const [name, setName] = useState(me.displayName);
  const [about, setAbout] = useState(me.about ?? '');
  const { isBusy, run } = useTask();
  function save(event: FormEvent): void {
    event.preventDefault();
    run(async () => {
      await client.users.updateProfile({ displayName: name.trim(), about: about.trim() || null });
      showToast({ text: say('profile.saved') });
    });
  }
  return (
    <form onSubmit={save} className="flex flex-col gap-4 overflow-y-auto px-5 pt-2 pb-6">
      <AvatarEditor
        hasPicture={me.avatarUrl !== undefined}
        onChange={(avatarMediaId) => client.users.updateProfile({ avatarMediaId })}
      >
        <Avatar id={me.id} name={name} url={me.avatarUrl} size="huge" />
      </AvatarEditor>
      <TextField
        label={say('auth.displayName')}
        value={name}
        maxLength={LONGEST_NAME}
        required
        onChange={(event) => setName(event.target.value)}
      />
      <label className="flex flex-col gap-1.5">
        <span className="text-sm font-medium">{say('profile.about')}</span>
        <textarea
          value={about}
          rows={3}
          maxLength={LONGEST_ABOUT}
          dir="auto"
          onChange={(event) => setAbout(event.target.value)}
          className="bg-field rounded-control plaintext px-3 py-2"
        />
      </label>
      <TextField label={say('auth.username')} value={`@${me.username}`} readOnly dir="ltr" />
      <Button type="submit" isBusy={isBusy} disabled={name.trim() === ''}>
        {say('common.save')}
      </Button>
    </form>
  );
}

/** What others see of this user. */
export function ProfileSettings(): ReactNode {
  const me = useMe();
  return me ? <ProfileForm me={me} /> : null;
}
