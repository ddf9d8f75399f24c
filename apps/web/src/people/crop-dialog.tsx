import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useRef,
  useState,
} from 'react';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { Spinner } from '../ui/spinner.js';
import { useTask } from '../ui/use-task.js';
import { type Crop, drawCrop, MOST_ZOOM, sideOf, wholeOf, within } from './crop.js';

/** As wide as the server keeps avatars, in pixels. */
const AVATAR_SIZE = 512;
const QUALITY = 0.9;
const ZOOM_STEP = 0.05;
/** How far an arrow key moves it, as a part of what is seen. */
const KEY_STEP = 0.05;

interface CropDialogProps {
  readonly file: File;
  readonly onSave: (picture: Blob) => Promise<void>;
  readonly onClose: () => void;
}

function blobOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be encoded'))),
      'image/jpeg',
      QUALITY,
    );
  });
}

/** Chooses the square of a picture that stands for somebody. */
export default function CropDialog({ file, onSave, onClose }: CropDialogProps): ReactNode {
  const say = useText();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [image, setImage] = useState<ImageBitmap | 'unreadable'>();
  const [crop, setCrop] = useState<Crop>({ x: 0, y: 0, zoom: 1 });
  const { isBusy, run } = useTask();

  useEffect(() => {
    let isWanted = true;
    createImageBitmap(file).then(
      (loaded) => {
        if (!isWanted) return;
        setImage(loaded);
        setCrop(wholeOf(loaded));
      },
      () => setImage('unreadable'),
    );
    return () => {
      isWanted = false;
    };
  }, [file]);

  useEffect(() => {
    if (canvas.current && image instanceof ImageBitmap) drawCrop(canvas.current, image, crop);
  }, [image, crop]);

  if (image === 'unreadable') {
    return (
      <div className="grid gap-4 p-5">
        <p role="alert">{say('avatar.unreadable')}</p>
        <Button look="quiet" onClick={onClose} className="justify-self-end">
          {say('common.close')}
        </Button>
      </div>
    );
  }
  if (!image) {
    return (
      <div className="grid place-items-center p-16">
        <Spinner />
      </div>
    );
  }
  const loaded = image;

  /** By parts of what is seen; the picture goes with the pointer, what is seen of it the other way. */
  function move(x: number, y: number): void {
    const side = sideOf(loaded, crop);
    setCrop(within(loaded, { ...crop, x: crop.x - x * side, y: crop.y - y * side }));
  }
  function zoomTo(zoom: number): void {
    setCrop(within(loaded, { ...crop, zoom }));
  }
  function onKeyDown(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-KEY_STEP, 0],
      ArrowRight: [KEY_STEP, 0],
      ArrowUp: [0, -KEY_STEP],
      ArrowDown: [0, KEY_STEP],
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    move(...step);
  }
  function onPointerMove(event: PointerEvent<HTMLElement>): void {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const { width } = event.currentTarget.getBoundingClientRect();
    move(event.movementX / width, event.movementY / width);
  }

  return (
    <div className="flex flex-col items-center gap-4 p-5">
      <div
        role="group"
        tabIndex={0}
        aria-label={say('avatar.crop')}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onPointerMove}
        onWheel={(event) => zoomTo(crop.zoom - Math.sign(event.deltaY) * ZOOM_STEP * 2)}
        className="size-64 cursor-move touch-none overflow-hidden rounded-full"
      >
        <canvas
          ref={canvas}
          width={AVATAR_SIZE}
          height={AVATAR_SIZE}
          className="pointer-events-none size-full"
        />
      </div>
      <label className="flex w-64 flex-col gap-1 text-sm">
        {say('avatar.zoom')}
        <input
          type="range"
          min={1}
          max={MOST_ZOOM}
          step={ZOOM_STEP}
          value={crop.zoom}
          onChange={(event) => zoomTo(Number(event.target.value))}
          className="accent-brand"
        />
      </label>
      <div className="flex gap-2 self-end">
        <Button look="quiet" onClick={onClose}>
          {say('common.cancel')}
        </Button>
        <Button
          isBusy={isBusy}
          onClick={() =>
            run(async () => {
              if (!canvas.current) return;
              await onSave(await blobOf(canvas.current));
              onClose();
            })
          }
        >
          {say('common.save')}
        </Button>
      </div>
    </div>
  );
}
