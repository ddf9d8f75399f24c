import type { Device, DeviceId } from '@natter/protocol';
import type { DeviceRow } from './devices.repository.js';

/** @param isPushEnabled Whether pushes are sent to it; to one that has just logged in none are (PUSH-1). */
export function toDevice(
  row: DeviceRow,
  currentId: DeviceId | undefined,
  isPushEnabled = false,
): Device {
  return {
    id: row.id,
    name: row.name,
    ...(row.platform !== null && { platform: row.platform }),
    current: row.id === currentId,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    pushEnabled: isPushEnabled,
  };
}
