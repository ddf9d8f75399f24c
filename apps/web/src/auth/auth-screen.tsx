import { ChatError } from '@natter/client';
import { useChatClient, useConnection } from '@natter/client/react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { useNoAlerts } from '../notifications/use-push-upkeep.js';
import { Button } from '../ui/button.js';
import { errorText } from '../ui/error-text.js';
import { Logo } from '../ui/logo.js';
import { TextField } from '../ui/text-field.js';
import { useTask } from '../ui/use-task.js';
import { deviceName } from './device-name.js';

type Mode = 'login' | 'register';

/** What is wrong, by the field it belongs to; `form` where it belongs to none. */
type Problems = Partial<Record<'username' | 'password' | 'displayName' | 'form', string>>;

const MIN_PASSWORD = 8;
const USERNAME = '[A-Za-z0-9][A-Za-z0-9_.\\-]{2,31}';

function fieldOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/** Where nobody is logged in: logs in, or makes an account. */
export function AuthScreen(): ReactNode {
  const say = useText();
  const client = useChatClient();
  const connection = useConnection();
  useNoAlerts();
  const [mode, setMode] = useState<Mode>('login');
  const [problems, setProblems] = useState<Problems>({});
  const { isBusy, run } = useTask((error) => setProblems(problemsOf(error)));

  function problemsOf(error: unknown): Problems {
    if (!(error instanceof ChatError)) return { form: errorText(error, say) };
    if (error.code === 'CONFLICT') return { username: say('auth.usernameTaken') };
    if (error.code === 'FORBIDDEN') return { form: say('auth.registrationClosed') };
    const fields = ['username', 'password', 'displayName'] as const;
    const found = fields.flatMap((field) => {
      const detail = error.details?.find(({ path }) => path === field);
      return detail ? [[field, detail.message] as const] : [];
    });
    return found.length > 0 ? Object.fromEntries(found) : { form: errorText(error, say) };
  }

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const credentials = {
      username: fieldOf(form, 'username').trim(),
      password: fieldOf(form, 'password'),
      deviceName: deviceName(),
    };
    const displayName = fieldOf(form, 'displayName').trim();
    setProblems({});
    run(() =>
      mode === 'login'
        ? client.session.login(credentials)
        : client.session.register({ ...credentials, ...(displayName && { displayName }) }),
    );
  }

  const isNew = mode === 'register';
  const wasRevoked = connection.status === 'authRequired' && connection.code === 'DEVICE_REVOKED';
  return (
    <main className="canvas-dots grid h-full place-items-center overflow-y-auto p-4">
      <div className="bg-panel shadow-raised animate-rise w-full max-w-100 rounded-3xl p-8">
        <Logo className="size-14" />
        <h1 className="mt-5 text-2xl font-semibold text-balance">
          {say(isNew ? 'auth.registerTitle' : 'auth.loginTitle')}
        </h1>
        <p className="text-muted mt-1">{say(isNew ? 'auth.registerText' : 'auth.loginText')}</p>
        {wasRevoked && (
          <p role="alert" className="bg-notice text-on-notice rounded-control mt-5 px-4 py-3">
            {say('auth.revoked')}
          </p>
        )}
        <form onSubmit={submit} className="mt-6 flex flex-col gap-4">
          <TextField
            name="username"
            label={say('auth.username')}
            hint={isNew ? say('auth.usernameHint') : undefined}
            error={problems.username}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            minLength={3}
            maxLength={32}
            pattern={isNew ? USERNAME : undefined}
            title={say('auth.usernameHint')}
          />
          {isNew && (
            <TextField
              name="displayName"
              label={say('auth.displayName')}
              hint={say('auth.displayNameHint')}
              error={problems.displayName}
              autoComplete="name"
              maxLength={64}
            />
          )}
          <TextField
            name="password"
            type="password"
            label={say('auth.password')}
            hint={isNew ? say('auth.passwordHint', { count: MIN_PASSWORD }) : undefined}
            error={problems.password}
            autoComplete={isNew ? 'new-password' : 'current-password'}
            required
            minLength={isNew ? MIN_PASSWORD : 1}
          />
          {problems.form !== undefined && (
            <p role="alert" className="bg-danger-soft text-danger rounded-control px-4 py-3">
              {problems.form}
            </p>
          )}
          <Button type="submit" isBusy={isBusy} className="mt-1 min-h-11">
            {say(isNew ? 'auth.register' : 'auth.login')}
          </Button>
        </form>
        <p className="text-muted mt-6 text-center">
          {say(isNew ? 'auth.haveAccount' : 'auth.noAccount')}{' '}
          <button
            type="button"
            className="text-brand-text font-medium underline-offset-3 hover:underline"
            onClick={() => {
              setProblems({});
              setMode(isNew ? 'login' : 'register');
            }}
          >
            {say(isNew ? 'auth.toLogin' : 'auth.toRegister')}
          </button>
        </p>
      </div>
    </main>
  );
}
