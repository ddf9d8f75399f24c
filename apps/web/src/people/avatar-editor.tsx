import { useChatClient } from '@natter/client/react';
import { Camera, Trash2 } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useRef } from 'react';
import { useText } from '../i18n/use-text.js';
import { showDialog } from '../ui/dialog.js';
import { IconButton } from '../ui/button.js';
import { useTask } from '../ui/use-task.js';

const CropDialog = lazy(() => import('./crop-dialog.js'));

interface AvatarEditorProps {
  /** The avatar as it is. */
  readonly children: ReactNode;
  readonly hasPicture: boolean;
  /** Takes the id of an uploaded picture; `null` for none. */
  readonly onChange: (mediaId: string | null) => Promise<unknown>;
}

/** An avatar with what changes it. */
export function AvatarEditor({ children, hasPicture, onChange }: AvatarEditorProps): ReactNode {
  const say = useText();
  const client = useChatClient();
  const input = useRef<HTMLInputElement>(null);
  const { isBusy, run } = useTask();

  function choose(file: File): void {
    showDialog({
      title: say('avatar.title'),
      content: (close) => (
        <Suspense>
          <CropDialog
            file={file}
            onClose={close}
            onSave={async (picture) => {
              const upload = client.media.upload({
                content: picture,
                fileName: 'avatar.jpg',
                mimeType: picture.type,
              });
              await onChange((await upload.done).id);
            }}
          />
        </Suspense>
      ),
    });
  }

  return (
    <div className="flex flex-col items-center">
      {children}
      <div className="mt-1 flex">
        <IconButton label={say('avatar.change')} onClick={() => input.current?.click()}>
          <Camera className="size-5" />
        </IconButton>
        {hasPicture && (
          <IconButton
            label={say('avatar.remove')}
            disabled={isBusy}
            onClick={() => run(() => onChange(null))}
          >
            <Trash2 className="size-4.5" />
          </IconButton>
        )}
      </div>
      <input
        ref={input}
        type="file"
        accept="image/*"
        hidden
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file) choose(file);
          // The same file can be chosen again.
          event.target.value = '';
        }}
      />
    </div>
  );
}
