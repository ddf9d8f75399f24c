import type { Device, DeviceId } from '@natter/protocol';
import type { DeviceRow } from './devices.repository.js';

export function toDevice(row: DeviceRow, currentId: DeviceId | undefined): Device {
  return {
    id: row.id,
    name: row.name,
    ...(row.platform !== null && { platform: row.platform }),
    current: row.id === currentId,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    pushEnabled: false,
  };
}
