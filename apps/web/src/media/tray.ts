import type { NewFile } from '@natter/client';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { showToast } from '../ui/toasts.js';
import { measured, type Measures } from './measure.js';

/** As many as one message holds, unless the operator says otherwise (docs/protocol.md, Limits). */
const MOST_FILES = 10;

/** A file that was chosen and not sent yet. */
export interface TrayFile extends Measures {
  readonly key: string;
  readonly file: File;
  /** Address of a picture or a video in memory. */
  readonly preview: string | undefined;
}

export interface Tray {
  readonly files: readonly TrayFile[];
  readonly add: (files: readonly File[]) => void;
  readonly remove: (key: string) => void;
  /** Changes the place of a file with the one before it. */
  readonly moveUp: (key: string) => void;
  /** What is to be sent; there is nothing left then. */
  readonly take: () => NewFile[];
}

function hasPreview({ type }: File): boolean {
  return /^(image|video)\//.test(type);
}

function release({ preview }: TrayFile): void {
  if (preview !== undefined) URL.revokeObjectURL(preview);
}

function toNewFile({ file, preview: _, key: __, ...measures }: TrayFile): NewFile {
  return {
    content: file,
    fileName: file.name,
    ...(file.type && { mimeType: file.type }),
    ...measures,
  };
}

/** What was chosen to be sent, in its order. */
export function useTray(): Tray {
  const say = useText();
  const [files, show] = useState<readonly TrayFile[]>([]);
  const latest = useRef(files);
  const set = useCallback((next: readonly TrayFile[]): void => {
    latest.current = next;
    show(next);
  }, []);

  useEffect(() => () => latest.current.forEach(release), []);

  const add = useCallback(
    (chosen: readonly File[]): void => {
      const room = MOST_FILES - latest.current.length;
      if (chosen.length > room) showToast({ text: say('tray.full', { count: MOST_FILES }) });
      const added = chosen.slice(0, room).map((file) => ({
        key: crypto.randomUUID(),
        file,
        preview: hasPreview(file) ? URL.createObjectURL(file) : undefined,
      }));
      set([...latest.current, ...added]);
      for (const { key, file, preview } of added) {
        void measured(file, preview).then((measures) => {
          set(latest.current.map((one) => (one.key === key ? { ...one, ...measures } : one)));
        });
      }
    },
    [say, set],
  );
  const remove = useCallback(
    (key: string): void => {
      latest.current.filter((one) => one.key === key).forEach(release);
      set(latest.current.filter((one) => one.key !== key));
    },
    [set],
  );
  const moveUp = useCallback(
    (key: string): void => {
      const next = [...latest.current];
      const at = next.findIndex((one) => one.key === key);
      const moved = at > 0 ? next.splice(at, 1) : [];
      next.splice(at - 1, 0, ...moved);
      set(next);
    },
    [set],
  );
  const take = useCallback((): NewFile[] => {
    const taken = latest.current;
    taken.forEach(release);
    set([]);
    return taken.map(toNewFile);
  }, [set]);
  return useMemo(() => ({ files, add, remove, moveUp, take }), [files, add, remove, moveUp, take]);
}
