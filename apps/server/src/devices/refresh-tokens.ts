import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { DeviceId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { JWT_SECRET } from '../config/secret.js';

/** What a refresh token says of itself; believed once its seal is checked. */
export interface RefreshClaim {
  readonly deviceId: DeviceId;
  readonly generation: number;
  /** Which refresh token of the session it is: 0 for that of the login. */
  readonly counter: number;
}

const PATTERN = /^([0-9a-f-]{36})\.(\d{1,9})\.(\d{1,9})\.([\w-]{43})$/;

/**
 * Makes and checks refresh tokens (AUTH-2). They are derived from the session's nonce and the server's secret, so that
 * the same successor can be given again where an answer was lost, and neither the database nor a log holds one.
 */
@Injectable()
export class RefreshTokens {
  private readonly key: KeyObject;

  constructor(@Inject(JWT_SECRET) secret: string) {
    this.key = createSecretKey(createHmac('sha256', secret).update('refresh tokens').digest());
  }

  issue(claim: RefreshClaim, nonce: Buffer): string {
    const { deviceId, generation, counter } = claim;
    return `${deviceId}.${generation}.${counter}.${this.seal(claim, nonce).toString('base64url')}`;
  }

  /** What the token claims, or `undefined` where it is no refresh token at all. */
  read(token: string): RefreshClaim | undefined {
    const [, id, generation, counter] = PATTERN.exec(token) ?? [];
    const deviceId = z.safeParse(DeviceId, id);
    if (!deviceId.success) return undefined;
    return { deviceId: deviceId.data, generation: Number(generation), counter: Number(counter) };
  }

  /** Whether the token was made by this server for a session with that nonce. */
  isGenuine(token: string, claim: RefreshClaim, nonce: Buffer): boolean {
    const given = Buffer.from(PATTERN.exec(token)?.[4] ?? '', 'base64url');
    const expected = this.seal(claim, nonce);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  private seal({ deviceId, generation, counter }: RefreshClaim, nonce: Buffer): Buffer {
    return createHmac('sha256', this.key)
      .update(`${deviceId}.${generation}.${counter}.`)
      .update(nonce)
      .digest();
  }
}
