import * as z from 'zod/mini';
import { ErrorCode } from './errors.js';

/** What a client puts into the `auth` of its socket handshake. */
export const HandshakeAuth = z
  .object({
    /** The access token of a session; without one the handshake is refused as `UNAUTHENTICATED`. */
    token: z.nullish(z.string()),
    protocolVersion: z.nullish(z.int()),
  })
  .register(z.globalRegistry, { id: 'HandshakeAuth' });

/** The `data` of the `connect_error` with which a socket handshake is refused. */
export const HandshakeError = z
  .object({ code: ErrorCode, message: z.string() })
  .register(z.globalRegistry, { id: 'HandshakeError' });
export type HandshakeError = z.output<typeof HandshakeError>;

/** Every code that a handshake is refused with. */
export const handshakeErrors: readonly ErrorCode[] = [
  'INVALID',
  'UNAUTHENTICATED',
  'DEVICE_REVOKED',
  'CLIENT_TOO_OLD',
  'INTERNAL',
  'UNAVAILABLE',
];
