import { Component, type ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { EmptyState } from '../ui/empty-state.js';

function Failed(): ReactNode {
  const say = useText();
  return (
    <main className="grid h-full place-items-center">
      <EmptyState
        title={say('error.screenTitle')}
        text={say('error.screenText')}
        action={<Button onClick={() => location.reload()}>{say('error.reload')}</Button>}
      />
    </main>
  );
}

/** Shows that a screen failed, where else the page would stay blank. Nothing is lost: the state is the client's. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}
