import { useMe } from '@natter/client/react';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { Route, Switch, useLocation, useRoute } from 'wouter';
import { ChatListPanel } from '../chat-list/chat-list-panel.js';
import { ConversationPane } from '../conversation/conversation-pane.js';
import { LightboxHost } from '../media/lightbox.js';
import { usePushUpkeep } from '../notifications/use-push-upkeep.js';
import { DialogHost } from '../ui/dialog.js';
import { EmojiPickerHost } from '../ui/emoji-picker.js';
import { MenuHost } from '../ui/menu.js';
import { ToastHost } from '../ui/toasts.js';
import { AnnouncerHost } from '../ui/announcer.js';
import { ConnectionBanner } from './connection-banner.js';
import { EmptyPane } from './empty-pane.js';
import { paths } from './paths.js';
import { PanelLoading } from './panel-loading.js';
import { onAlertPressed } from './service-worker.js';
import { useShortcuts } from './shortcuts.js';
import { useUnreadTitle } from './unread-title.js';

const NewChatPanel = lazy(() => import('../new-chat/new-chat-panel.js'));
const NewGroupPanel = lazy(() => import('../groups/new-group-panel.js'));
const PublicGroupsPanel = lazy(() => import('../groups/public-groups-panel.js'));
const SettingsPanel = lazy(() => import('../settings/settings-panel.js'));
const StarredPanel = lazy(() => import('../search/starred-panel.js'));
const InviteScreen = lazy(() => import('../invites/invite-screen.js'));

function SidePanel(): ReactNode {
  return (
    <Suspense fallback={<PanelLoading />}>
      <Switch>
        <Route path={paths.newChat}>
          <NewChatPanel />
        </Route>
        <Route path={paths.newGroup}>
          <NewGroupPanel />
        </Route>
        <Route path={paths.publicGroups}>
          <PublicGroupsPanel />
        </Route>
        <Route path={paths.starred}>
          <StarredPanel />
        </Route>
        <Route path={paths.archived}>
          <ChatListPanel isArchive />
        </Route>
        <Route path="/settings/*?">
          <SettingsPanel />
        </Route>
        <Route>
          <ChatListPanel />
        </Route>
      </Switch>
    </Suspense>
  );
}

/** The id of the chat in the address; of the last one there was while something else is in it. */
function useOpenChat(): { readonly chatId: string | undefined; readonly isAddressed: boolean } {
  const [isAddressed, params] = useRoute('/c/:chatId/*?');
  const addressed = isAddressed ? params.chatId : undefined;
  const [last, setLast] = useState(addressed);
  const [location] = useLocation();
  useEffect(() => {
    if (addressed !== undefined) setLast(addressed);
    else if (location === paths.home) setLast(undefined);
  }, [addressed, location]);
  return { chatId: addressed ?? last, isAddressed };
}

/** The screen of somebody who is logged in: a column of chats, and one of them. On a phone one of both. */
export function Shell(): ReactNode {
  const me = useMe();
  const { chatId, isAddressed } = useOpenChat();
  const [isInvite] = useRoute('/invite/:code');
  // On a phone there is room for one of both.
  const isMain = isAddressed || isInvite;
  const [, navigate] = useLocation();
  useEffect(() => onAlertPressed(navigate), [navigate]);
  useShortcuts();
  useUnreadTitle();
  usePushUpkeep();
  return (
    <div className="flex h-dvh flex-col pt-[env(safe-area-inset-top)]">
      <ConnectionBanner />
      <main className="flex min-h-0 grow">
        <h1 className="sr-only">Natter</h1>
        <div
          className={
            isMain
              ? 'border-line hidden w-96 shrink-0 border-e md:block'
              : 'border-line w-full shrink-0 md:w-96 md:border-e'
          }
        >
          <SidePanel />
        </div>
        <div className={isMain ? 'min-w-0 grow' : 'hidden min-w-0 grow md:block'}>
          <Switch>
            <Route path="/invite/:code">
              {({ code }) => (
                <Suspense fallback={<PanelLoading />}>
                  <InviteScreen code={code} />
                </Suspense>
              )}
            </Route>
            <Route>
              {chatId === undefined ? (
                <EmptyPane />
              ) : (
                <ConversationPane key={`${me?.id} ${chatId}`} chatId={chatId} />
              )}
            </Route>
          </Switch>
        </div>
      </main>
      <MenuHost />
      <DialogHost />
      <LightboxHost />
      <EmojiPickerHost />
      <ToastHost />
      <AnnouncerHost />
    </div>
  );
}
