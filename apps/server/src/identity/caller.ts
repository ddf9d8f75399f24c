import type { DeviceId, UserId } from '@natter/protocol';

/** Which session of a device a token is of. */
export interface SessionProof {
  /** A later login of the device has a higher one and ends this session (DEV-1). */
  readonly generation: number;
  /** How many times the session had been refreshed when the token was made. */
  readonly rotation: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Who makes a request: always from the verified token, never from the payload (MSG-1). */
export interface Caller {
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  readonly session: SessionProof;
  /** The socket that sent the command; it alone is left out when the entry is dispatched. Absent over HTTP. */
  readonly socketId?: string;
  /** He is over his rate with what is to be gathered then and not refused (RCPT-1); never set for other requests. */
  readonly overRate?: true;
}

/** Who acts, where his device does not matter: of a deleted account nothing else is left. */
export type Actor = Pick<Caller, 'userId'>;
