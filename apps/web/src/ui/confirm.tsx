import { Button } from './button.js';
import { showDialog } from './dialog.js';

interface Question {
  readonly title: string;
  readonly text?: string;
  /** What the button that says yes does. */
  readonly action: string;
  readonly cancel: string;
  readonly isDangerous?: boolean;
}

/** Asks, and resolves with the answer; closing it is a no. */
export function confirm({ title, text, action, cancel, isDangerous }: Question): Promise<boolean> {
  return new Promise((resolve) => {
    showDialog({
      title,
      ...(text !== undefined && { text }),
      onClose: () => resolve(false),
      content: (close) => (
        <div className="flex justify-end gap-2 p-5">
          <Button look="quiet" onClick={close}>
            {cancel}
          </Button>
          <Button
            look={isDangerous === true ? 'danger' : 'primary'}
            onClick={() => {
              resolve(true);
              close();
            }}
          >
            {action}
          </Button>
        </div>
      ),
    });
  });
}
