import { useChatClient } from '@natter/client/react';
import { LogOut } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { paths } from '../app/paths.js';
import { useWaitingSends } from '../app/use-waiting-sends.js';
import { useText } from '../i18n/use-text.js';
import { endPush } from '../notifications/device-push.js';
import { Button } from '../ui/button.js';
import { confirm } from '../ui/confirm.js';
import { showDialog } from '../ui/dialog.js';
import { Section } from '../ui/panel.js';
import { TextField } from '../ui/text-field.js';
import { showToast } from '../ui/toasts.js';
import { useTask } from '../ui/use-task.js';

const MIN_PASSWORD = 8;

interface CurrentPasswordProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** The password that shows that it is really he. */
function CurrentPassword({ label, value, onChange }: CurrentPasswordProps): ReactNode {
  return (
    <TextField
      type="password"
      label={label}
      value={value}
      autoComplete="current-password"
      required
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function PasswordForm(): ReactNode {
  const say = useText();
  const client = useChatClient();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const { isBusy, run } = useTask();
  function save(event: FormEvent): void {
    event.preventDefault();
    run(async () => {
      await client.session.changePassword(current, next);
      setCurrent('');
      setNext('');
      showToast({ text: say('account.passwordChanged') });
    });
  }
  return (
    <form onSubmit={save} className="flex flex-col gap-3">
      <CurrentPassword
        label={say('account.currentPassword')}
        value={current}
        onChange={setCurrent}
      />
      <TextField
        type="password"
        label={say('account.newPassword')}
        hint={say('auth.passwordHint', { count: MIN_PASSWORD })}
        value={next}
        minLength={MIN_PASSWORD}
        autoComplete="new-password"
        required
        onChange={(event) => setNext(event.target.value)}
      />
      <Button type="submit" look="quiet" isBusy={isBusy}>
        {say('account.changePassword')}
      </Button>
    </form>
  );
}

function DeletionForm({ onDeleted }: { readonly onDeleted: () => void }): ReactNode {
  const say = useText();
  const client = useChatClient();
  const [password, setPassword] = useState('');
  const { isBusy, run } = useTask();
  function remove(event: FormEvent): void {
    event.preventDefault();
    run(async () => {
      await client.request('deleteAccount', { body: { password } });
      onDeleted();
    });
  }
  return (
    <form onSubmit={remove} className="flex flex-col gap-4 p-5">
      <CurrentPassword label={say('auth.password')} value={password} onChange={setPassword} />
      <Button type="submit" look="danger" isBusy={isBusy}>
        {say('account.delete')}
      </Button>
    </form>
  );
}

/** Password, logout and the end of the account. */
export function AccountSettings(): ReactNode {
  const say = useText();
  const client = useChatClient();
  const [, navigate] = useLocation();
  const waiting = useWaitingSends();
  const { isBusy, run } = useTask();

  async function logout(): Promise<void> {
    const isSure = await confirm({
      title: say('account.logoutTitle'),
      ...(waiting > 0 && { text: say('account.logoutWaiting', { count: waiting }) }),
      action: say('account.logout'),
      cancel: say('common.cancel'),
    });
    if (!isSure) return;
    run(async () => {
      await client.session.logout();
      await endPush(true);
      navigate(paths.home);
    });
  }

  return (
    <>
      <Section title={say('account.password')}>
        <PasswordForm />
      </Section>
      <Section>
        <div className="flex flex-col gap-2">
          <Button look="quiet" isBusy={isBusy} onClick={() => void logout()}>
            <LogOut className="size-4 rtl:-scale-x-100" /> {say('account.logout')}
          </Button>
          <Button
            look="danger"
            onClick={() =>
              showDialog({
                title: say('account.deleteTitle'),
                text: say('account.deleteText'),
                content: (close) => <DeletionForm onDeleted={close} />,
              })
            }
          >
            {say('account.delete')}
          </Button>
        </div>
      </Section>
    </>
  );
}
