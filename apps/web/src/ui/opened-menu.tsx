import { Menu } from '@base-ui/react/menu';
import { Check, type LucideIcon } from 'lucide-react';
import clsx from 'clsx';
import { Fragment, type ReactNode, useRef } from 'react';
import { type Anchor, placeOf } from './anchor.js';

export interface MenuAction {
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly isDangerous?: boolean;
  /** Of a choice among several: whether it is the one. */
  readonly isChosen?: boolean;
  readonly run: () => void;
}

export interface MenuRequest {
  readonly anchor: Anchor;
  readonly label: string;
  /** In groups, with a line between them. */
  readonly groups: readonly (readonly MenuAction[])[];
  /** Above the actions: items of the menu as well. */
  readonly header?: ReactNode;
}

interface ActionProps extends MenuAction {
  readonly onRun: () => void;
}

function Action({ label, icon: Icon, isDangerous, isChosen, run, onRun }: ActionProps): ReactNode {
  return (
    <Menu.Item
      onClick={() => {
        onRun();
        run();
      }}
      aria-current={isChosen === true ? 'true' : undefined}
      className={clsx(
        'data-highlighted:bg-hover flex min-h-10 cursor-default items-center gap-3 rounded-lg px-3 py-2 outline-none select-none',
        isDangerous === true && 'text-danger',
      )}
    >
      {Icon && (
        <Icon className={clsx('size-4.5', isDangerous === true ? 'text-danger' : 'text-muted')} />
      )}
      <span className="grow">{label}</span>
      {isChosen === true && <Check className="text-brand-text size-4" />}
    </Menu.Item>
  );
}

interface OpenedMenuProps extends MenuRequest {
  readonly before: Element | null;
  readonly onClose: () => void;
}

export default function OpenedMenu({
  anchor,
  label,
  groups,
  header,
  before,
  onClose,
}: OpenedMenuProps): ReactNode {
  // An action may move the focus, as to the field of a reply: it is not taken back then.
  const hasRun = useRef(false);
  return (
    <Menu.Root
      open
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Menu.Portal container={document.querySelector('main')}>
        <Menu.Positioner
          anchor={placeOf(anchor)}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-50"
        >
          <Menu.Popup
            aria-label={label}
            finalFocus={() => !hasRun.current && (before instanceof HTMLElement ? before : true)}
            className="bg-raised shadow-raised border-line rounded-card animate-appear max-h-[80dvh] min-w-52 overflow-y-auto border p-1.5 outline-none"
          >
            {header}
            {groups
              .filter((actions) => actions.length > 0)
              .map((actions, index) => (
                <Fragment key={actions[0]?.label}>
                  {index > 0 && <Menu.Separator className="bg-line mx-2 my-1.5 h-px" />}
                  {actions.map((action) => (
                    <Action
                      key={action.label}
                      {...action}
                      onRun={() => {
                        hasRun.current = true;
                        if (before instanceof HTMLElement) before.focus();
                      }}
                    />
                  ))}
                </Fragment>
              ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
