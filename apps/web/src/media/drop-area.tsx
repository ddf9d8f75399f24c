import { Upload } from 'lucide-react';
import { type ClipboardEvent, type DragEvent, type ReactNode, useRef, useState } from 'react';
import { useText } from '../i18n/use-text.js';

/** Programs for texts and tables put a picture of what was copied beside it: then the text is meant. */
function pastedFiles({ files, types }: DataTransfer): File[] {
  const isText = types.includes('text/plain') && types.includes('text/html');
  return isText ? [] : Array.from(files);
}

/** Without folders, which cannot be read as files. */
function droppedFiles({ items }: DataTransfer): File[] {
  return Array.from(items).flatMap((item) => {
    if (item.webkitGetAsEntry()?.isDirectory === true) return [];
    return item.getAsFile() ?? [];
  });
}

interface DropAreaProps {
  /** Absent where nothing can be sent. */
  readonly onFiles: ((files: readonly File[]) => void) | undefined;
  readonly className: string;
  readonly children: ReactNode;
  readonly label: string;
}

/** A part of the screen that takes files which are dragged onto it or pasted in it. */
export function DropArea({ onFiles, className, children, label }: DropAreaProps): ReactNode {
  const say = useText();
  const [isOver, setOver] = useState(false);
  /** Of how many of the elements within it the pointer has not left again. */
  const depth = useRef(0);
  const isOurs = ({ dataTransfer }: DragEvent): boolean =>
    onFiles !== undefined && dataTransfer.types.includes('Files');
  const end = (): void => {
    depth.current = 0;
    setOver(false);
  };
  return (
    <section
      aria-label={label}
      className={className}
      onPaste={(event: ClipboardEvent) => {
        const files = pastedFiles(event.clipboardData);
        if (!onFiles || files.length === 0) return;
        event.preventDefault();
        onFiles(files);
      }}
      onDragEnter={(event) => {
        if (!isOurs(event)) return;
        depth.current += 1;
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!isOurs(event)) return;
        depth.current -= 1;
        if (depth.current <= 0) end();
      }}
      onDragOver={(event) => {
        if (isOurs(event)) event.preventDefault();
      }}
      onDrop={(event) => {
        if (!isOurs(event)) return;
        event.preventDefault();
        end();
        onFiles?.(droppedFiles(event.dataTransfer));
      }}
    >
      {children}
      {isOver && (
        <div className="border-brand bg-brand-soft/95 text-brand-text animate-appear pointer-events-none absolute inset-3 z-30 grid place-content-center justify-items-center gap-2 rounded-2xl border-2 border-dashed text-lg font-semibold">
          <Upload className="size-8" />
          {say('composer.drop')}
        </div>
      )}
    </section>
  );
}
