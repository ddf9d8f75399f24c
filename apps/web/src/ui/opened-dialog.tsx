import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';

export interface DialogRequest {
  readonly title: string;
  readonly text?: string;
  readonly content?: (close: () => void) => ReactNode;
  readonly onClose?: () => void;
}

interface OpenedDialogProps extends DialogRequest {
  readonly onClose: () => void;
}

export default function OpenedDialog({
  title,
  text,
  content,
  onClose,
}: OpenedDialogProps): ReactNode {
  const say = useText();
  return (
    <Dialog.Root
      open
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="animate-appear fixed inset-0 z-40 bg-black/45" />
        <Dialog.Popup className="bg-raised shadow-raised rounded-card animate-rise fixed start-1/2 top-1/2 z-40 flex max-h-[min(40rem,calc(100dvh-2rem))] w-[min(27rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 flex-col overflow-hidden outline-none rtl:translate-x-1/2">
          <header className="flex items-center gap-2 ps-5 pe-3 pt-3">
            <Dialog.Title className="grow text-lg font-semibold">{title}</Dialog.Title>
            <Dialog.Close
              aria-label={say('common.close')}
              className="hover:bg-hover text-muted grid size-10 place-items-center rounded-full"
            >
              <X className="size-5" />
            </Dialog.Close>
          </header>
          {text !== undefined && (
            <Dialog.Description className="text-muted px-5 pt-1">{text}</Dialog.Description>
          )}
          {content?.(onClose)}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
