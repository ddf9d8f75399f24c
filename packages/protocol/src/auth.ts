import * as z from 'zod/mini';
import {
  DeviceId,
  Timestamp,
  displayLine,
  optionalInput,
  storableText,
  utf8Length,
} from './primitives.js';
import { DisplayName, User, Username } from './users.js';

const PASSWORD_BYTES = { minimum: 8, maximum: 1024 };

/** 8 to 1,024 bytes of UTF-8 (AUTH-4), checked before any hashing. */
export const Password = storableText.check(
  z.refine((password) => {
    const bytes = utf8Length(password);
    return bytes >= PASSWORD_BYTES.minimum && bytes <= PASSWORD_BYTES.maximum;
  }, `must be ${PASSWORD_BYTES.minimum} to ${PASSWORD_BYTES.maximum} bytes`),
);

/** The device that logs in. With an own id, a later login is the same device with a new session (DEV-1). */
export const DeviceInput = z.object({
  id: optionalInput(DeviceId),
  name: optionalInput(displayLine(64)),
  platform: optionalInput(displayLine(32)),
});

export const Device = z
  .object({
    id: DeviceId,
    name: z.string(),
    platform: z.optional(z.string()),
    current: z.boolean(),
    createdAt: Timestamp,
    lastSeenAt: Timestamp,
    pushEnabled: z.boolean(),
  })
  .register(z.globalRegistry, { id: 'Device' });
export type Device = z.output<typeof Device>;

export const Session = z
  .object({
    user: User,
    device: Device,
    accessToken: z.string(),
    refreshToken: z.string(),
    expiresInMs: z.int(),
  })
  .register(z.globalRegistry, { id: 'Session' });
export type Session = z.output<typeof Session>;

export const RegisterInput = z.object({
  username: Username,
  password: Password,
  displayName: optionalInput(DisplayName),
  device: optionalInput(DeviceInput),
});

/** What a refresh gives: the successor of the refresh token, and an access token (AUTH-2). */
export const Tokens = z
  .object({ accessToken: z.string(), refreshToken: z.string(), expiresInMs: z.int() })
  .register(z.globalRegistry, { id: 'Tokens' });
export type Tokens = z.output<typeof Tokens>;

export const RefreshInput = z.object({ refreshToken: z.string().check(z.maxLength(1024)) });

export const ChangePasswordInput = z.object({
  currentPassword: storableText.check(z.maxLength(PASSWORD_BYTES.maximum)),
  newPassword: Password,
});

export const DeleteAccountInput = z.object({
  password: storableText.check(z.maxLength(PASSWORD_BYTES.maximum)),
});

export const DeviceParams = z.object({ id: DeviceId });
export const RenameDeviceInput = z.object({ name: displayLine(64) });
export const DeviceList = z.object({ items: z.array(Device) });

export const LoginInput = z.object({
  // A name that nobody can have is a wrong login, not bad input: the answer tells nothing about names.
  username: storableText.check(z.maxLength(256)),
  password: storableText.check(z.maxLength(PASSWORD_BYTES.maximum)),
  device: optionalInput(DeviceInput),
});
