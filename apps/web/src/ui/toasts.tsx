import { useReadable } from '@natter/client/react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { createStore } from './store.js';

interface ToastRequest {
  readonly text: string;
  /** What can be done about it, as to undo it. */
  readonly action?: { readonly label: string; readonly run: () => void };
  /** It went away without its action. */
  readonly onEnd?: () => void;
}

interface Toast extends ToastRequest {
  readonly key: number;
}

const SHOWN_MS = 5000;

const shown = createStore<readonly Toast[]>([]);
let made = 0;

/** Tells something for some seconds, for as long as it has the focus or the pointer. */
export function showToast(request: ToastRequest): void {
  made += 1;
  shown.set([...shown.getSnapshot(), { ...request, key: made }]);
}

function remove(toast: Toast): void {
  shown.set(shown.getSnapshot().filter((other) => other !== toast));
}

function ToastCard({ toast }: { readonly toast: Toast }): ReactNode {
  const [isHeld, setHeld] = useState(false);
  const done = useRef(false);
  useEffect(() => {
    const end = (): void => {
      if (!done.current) toast.onEnd?.();
      done.current = true;
      remove(toast);
    };
    // What was to happen happens also where the page is left before.
    addEventListener('pagehide', end);
    const timer = isHeld ? undefined : setTimeout(end, SHOWN_MS);
    return () => {
      removeEventListener('pagehide', end);
      clearTimeout(timer);
    };
  }, [toast, isHeld]);
  return (
    <div
      className="bg-text text-panel shadow-raised animate-rise rounded-control pointer-events-auto flex min-h-12 max-w-96 items-center gap-4 ps-4 pe-2"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span className="py-2">{toast.text}</span>
      {toast.action && (
        <button
          type="button"
          className="min-h-9 rounded-lg px-3 font-semibold underline underline-offset-3"
          onClick={() => {
            done.current = true;
            toast.action?.run();
            remove(toast);
          }}
        >
          {toast.action.label}
        </button>
      )}
    </div>
  );
}

export function ToastHost(): ReactNode {
  const toasts = useReadable(shown);
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-4 bottom-22 z-50 flex flex-col items-center gap-2"
    >
      {toasts.map((toast) => (
        <ToastCard key={toast.key} toast={toast} />
      ))}
    </div>
  );
}
