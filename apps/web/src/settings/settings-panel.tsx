import { useMe } from '@natter/client/react';
import {
  Bell,
  ChevronRight,
  Keyboard,
  Laptop,
  Lock,
  type LucideIcon,
  Palette,
  ShieldBan,
  Star,
  UserRound,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, Route, Switch } from 'wouter';
import { paths } from '../app/paths.js';
import { ShortcutList } from '../app/shortcut-list.js';
import type { TextId } from '../i18n/catalog.js';
import { useText } from '../i18n/use-text.js';
import { Avatar } from '../ui/avatar.js';
import { showDialog } from '../ui/dialog.js';
import { Panel } from '../ui/panel.js';
import { AccountSettings } from './account-settings.js';
import { AppearanceSettings } from './appearance-settings.js';
import { BlockedSettings } from './blocked-settings.js';
import { DevicesSettings } from './devices-settings.js';
import { NotificationSettings } from './notification-settings.js';
import { PrivacySettings } from './privacy-settings.js';
import { ProfileSettings } from './profile-settings.js';

const sections = [
  ['notifications', 'settings.notifications', Bell, NotificationSettings],
  ['privacy', 'settings.privacy', Lock, PrivacySettings],
  ['blocked', 'settings.blocked', ShieldBan, BlockedSettings],
  ['devices', 'settings.devices', Laptop, DevicesSettings],
  ['appearance', 'settings.appearance', Palette, AppearanceSettings],
  ['account', 'settings.account', UserRound, AccountSettings],
] as const;

const row = 'hover:bg-hover flex min-h-13 w-full items-center gap-4 rounded-xl px-4 text-start';

function RowContent({
  icon: Icon,
  text,
}: {
  readonly icon: LucideIcon;
  readonly text: TextId;
}): ReactNode {
  const say = useText();
  return (
    <>
      <Icon className="text-muted size-5" />
      <span className="grow">{say(text)}</span>
      <ChevronRight className="text-muted size-4 rtl:-scale-x-100" />
    </>
  );
}

function Overview(): ReactNode {
  const say = useText();
  const me = useMe();
  return (
    <Panel title={say('settings.title')} back={paths.home}>
      <nav aria-label={say('settings.title')} className="min-h-0 grow overflow-y-auto px-2 pb-3">
        {me && (
          <Link href={paths.setting('profile')} className={`${row} py-3`}>
            <Avatar id={me.id} name={me.displayName} url={me.avatarUrl} size="large" />
            <span className="min-w-0 grow">
              <span className="block truncate text-lg font-semibold">
                <bdi>{me.displayName}</bdi>
              </span>
              <span className="text-muted block truncate text-sm">@{me.username}</span>
            </span>
            <ChevronRight className="text-muted size-4 rtl:-scale-x-100" />
          </Link>
        )}
        <Link href={paths.starred} className={row}>
          <RowContent icon={Star} text="starred.title" />
        </Link>
        {sections.map(([section, text, icon]) => (
          <Link key={section} href={paths.setting(section)} className={row}>
            <RowContent icon={icon} text={text} />
          </Link>
        ))}
        <button
          type="button"
          className={row}
          onClick={() =>
            showDialog({ title: say('shortcuts.title'), content: () => <ShortcutList /> })
          }
        >
          <RowContent icon={Keyboard} text="shortcuts.title" />
        </button>
      </nav>
    </Panel>
  );
}

/** What a user sets for his account and for this browser. */
export default function SettingsPanel(): ReactNode {
  const say = useText();
  return (
    <Switch>
      <Route path={paths.setting('profile')}>
        <Panel title={say('settings.profile')} back={paths.settings}>
          <ProfileSettings />
        </Panel>
      </Route>
      {sections.map(([section, text, , Content]) => (
        <Route key={section} path={paths.setting(section)}>
          <Panel title={say(text)} back={paths.settings}>
            <div className="min-h-0 grow overflow-y-auto">
              <Content />
            </div>
          </Panel>
        </Route>
      ))}
      <Route>
        <Overview />
      </Route>
    </Switch>
  );
}
