import type { DeviceId, UserId } from '@natter/protocol';

/** Who makes a request: always from the verified token, never from the payload (MSG-1). */
export interface Caller {
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  /** The socket that sent the command; it alone is left out when the entry is dispatched. Absent over HTTP. */
  readonly socketId?: string;
}
