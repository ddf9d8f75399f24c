import type { Device } from '@natter/client';
import { useLingui } from '@lingui/react';
import { useChatClient, useReadable } from '@natter/client/react';
import { Laptop } from 'lucide-react';
import type { ReactNode } from 'react';
import { fullTime } from '../i18n/dates.js';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { confirm } from '../ui/confirm.js';
import { Section } from '../ui/panel.js';
import { useTask } from '../ui/use-task.js';

function DeviceRow({ device }: { readonly device: Device }): ReactNode {
  const say = useText();
  const client = useChatClient();
  const { locale } = useLingui().i18n;
  const { isBusy, run } = useTask();
  return (
    <li className="flex min-h-16 items-center gap-3">
      <span className="bg-field text-muted grid size-10 shrink-0 place-items-center rounded-full">
        <Laptop className="size-5" />
      </span>
      <span className="min-w-0 grow">
        <span className="block truncate">
          <bdi>{device.name}</bdi>
        </span>
        <span className="text-muted block text-sm">
          {device.current
            ? say('devices.current')
            : say('devices.lastSeen', { at: fullTime(locale, device.lastSeenAt) })}
        </span>
      </span>
      {!device.current && (
        <Button
          look="danger"
          isBusy={isBusy}
          onClick={() => run(() => client.devices.revoke(device.id))}
        >
          {say('devices.revoke')}
        </Button>
      )}
    </li>
  );
}

/** Where this user is logged in. */
export function DevicesSettings(): ReactNode {
  const say = useText();
  const client = useChatClient();
  const devices = useReadable(client.devices);
  const others = devices.filter(({ current }) => !current);
  const { isBusy, run } = useTask();

  function revokeOthers(): void {
    void confirm({
      title: say('devices.revokeAllTitle'),
      text: say('devices.revokeAllText'),
      action: say('devices.revokeAll'),
      cancel: say('common.cancel'),
      isDangerous: true,
    }).then((isSure) => {
      if (!isSure) return;
      run(() => client.devices.revokeOthers());
    });
  }

  return (
    <Section>
      <ul>
        {[...devices]
          .toSorted((a, b) => Number(b.current) - Number(a.current))
          .map((device) => (
            <DeviceRow key={device.id} device={device} />
          ))}
      </ul>
      {others.length > 1 && (
        <Button look="danger" className="mt-4 w-full" isBusy={isBusy} onClick={revokeOthers}>
          {say('devices.revokeAll')}
        </Button>
      )}
    </Section>
  );
}
