import { i18n } from '@lingui/core';
import { I18nProvider } from '@lingui/react';
import { ChatProvider, useConnection, useMe } from '@natter/client/react';
import { type ReactNode, StrictMode, useEffect } from 'react';
import { AuthScreen } from '../auth/auth-screen.js';
import { ErrorBoundary } from './error-boundary.js';
import { client } from './client.js';
import { OutdatedScreen } from './outdated-screen.js';
import { Shell } from './shell.js';
import { Splash } from './splash.js';

function Screen(): ReactNode {
  const { status } = useConnection();
  const me = useMe();
  if (status === 'authRequired') return <AuthScreen />;
  if (status === 'incompatible') return <OutdatedScreen />;
  return me ? <Shell /> : <Splash />;
}

/** The whole web client. */
export function App(): ReactNode {
  useEffect(() => {
    client.connect();
  }, []);
  return (
    <StrictMode>
      <I18nProvider i18n={i18n}>
        <ErrorBoundary>
          <ChatProvider client={client}>
            <Screen />
          </ChatProvider>
        </ErrorBoundary>
      </I18nProvider>
    </StrictMode>
  );
}
