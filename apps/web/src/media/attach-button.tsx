import { Paperclip } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { useText } from '../i18n/use-text.js';
import { IconButton } from '../ui/button.js';

/** Has the user choose files of this device. */
export function AttachButton({
  onFiles,
}: {
  readonly onFiles: (files: readonly File[]) => void;
}): ReactNode {
  const say = useText();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton label={say('composer.attach')} onClick={() => input.current?.click()}>
        <Paperclip className="size-5.5" />
      </IconButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          onFiles(Array.from(event.target.files ?? []));
          // The same file can be chosen again.
          event.target.value = '';
        }}
      />
    </>
  );
}
