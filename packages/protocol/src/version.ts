/**
 * The protocol version that this package speaks, sent as `auth.protocolVersion` in the socket handshake.
 * It rises when a client of the old version would misread the new one; new fields and events do not raise it.
 *
 * History: 1, first public version.
 */
export const PROTOCOL_VERSION = 1;

/** A client below this version is refused with `CLIENT_TOO_OLD`. */
export const MINIMUM_PROTOCOL_VERSION = 1;
