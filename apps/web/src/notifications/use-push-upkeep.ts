import {
  useChatClient,
  useConnection,
  useMe,
  useReadable,
  useUnreadCount,
} from '@natter/client/react';
import { useLingui } from '@lingui/react';
import { useEffect } from 'react';
import { serviceWorkerRegistration } from '../app/service-worker.js';
import { useText } from '../i18n/use-text.js';
import { preferences } from '../preferences/preferences.js';
import { alertSeq } from './alert-data.js';
import { keepAlertSettings } from './alert-settings.js';
import { checkPush, endPush, resumePush } from './device-push.js';

/** Lets the worker know how this user is alerted. */
function useAlertSettings(): void {
  const say = useText();
  const { locale } = useLingui().i18n;
  const { alertPreview } = useReadable(preferences);
  useEffect(() => {
    if (!('caches' in window)) return;
    const settings = {
      preview: alertPreview,
      language: locale,
      newMessage: say('alert.message'),
      encrypted: say('message.encrypted'),
      file: say('alert.file'),
    };
    // Without room to keep it, alerts say less.
    keepAlertSettings(settings).catch(() => undefined);
  }, [say, locale, alertPreview]);
}

/** Takes alerts away of what has been read: a device that is connected is not told by a push (PUSH-4). */
function useReadAlerts(): void {
  const client = useChatClient();
  const unread = useUnreadCount();
  const { status } = useConnection();
  useEffect(() => {
    if (status !== 'live') return;
    void serviceWorkerRegistration().then(async (registration) => {
      for (const alert of (await registration?.getNotifications()) ?? []) {
        const chat = client.chats.open(alert.tag).getSnapshot();
        if (!chat || chat.seenSeq >= alertSeq(alert)) alert.close();
      }
    });
  }, [client, unread, status]);
}

/** Keeps the alerts of this browser as its user wants them, from the login to its end. */
export function usePushUpkeep(): void {
  const client = useChatClient();
  const userId = useMe()?.id;
  const { status } = useConnection();
  const isLive = status === 'live';
  useAlertSettings();
  useReadAlerts();
  useEffect(() => {
    if (!isLive || userId === undefined) return;
    // Tried again with the next page: a message that is not alerted of is there all the same.
    resumePush(client, userId).catch(() => undefined);
    const check = (): void => {
      if (document.visibilityState === 'visible') void checkPush(userId);
    };
    document.addEventListener('visibilitychange', check);
    return () => document.removeEventListener('visibilitychange', check);
  }, [client, userId, isLive]);
}

/** Ends the alerts of whoever was logged in, while nobody is. */
export function useNoAlerts(): void {
  useEffect(() => {
    void endPush(false);
  }, []);
}
