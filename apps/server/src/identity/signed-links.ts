import {
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import { DeviceId, UserId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { JWT_SECRET } from '../config/secret.js';
import { DatabaseClock } from '../database/database-clock.js';
import { NatterError } from '../errors/natter-error.js';
import type { Caller } from './caller.js';

const SEAL_BYTES = 16;
/** What the key is for: no other use of the secret gives the same one. */
const PURPOSE = 'natter:signed-link';

/** User, device, its session, and when the link ends, in milliseconds since 1970. */
const Content = z.tuple([UserId, DeviceId, z.int(), z.int(), z.int()]);

/**
 * Links that stand for a caller's token, for one thing and some minutes, where no token can be sent. They say who asks,
 * and never that he may: the policy is asked at each request.
 */
@Injectable()
export class SignedLinks {
  private readonly key: KeyObject;

  constructor(
    @Inject(JWT_SECRET) secret: string,
    private readonly clock: DatabaseClock,
  ) {
    this.key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, 32)));
  }

  /** @param subject What the link is for, such as the id of a file. @param expiresAt By the database's clock. */
  sign(subject: string, { userId, deviceId, session }: Caller, expiresAt: number): string {
    const parts = [userId, deviceId, session.generation, session.rotation, expiresAt];
    const content = Buffer.from(JSON.stringify(parts));
    return Buffer.concat([this.seal(subject, content), content]).toString('base64url');
  }

  /** @throws {NatterError} `UNAUTHENTICATED` where the link is not ours, is for something else, or has expired. */
  open(subject: string, link: string): Caller {
    const bytes = Buffer.from(link, 'base64url');
    const content = bytes.subarray(SEAL_BYTES);
    const isOurs =
      content.length > 0 &&
      timingSafeEqual(bytes.subarray(0, SEAL_BYTES), this.seal(subject, content));
    if (!isOurs) throw new NatterError('UNAUTHENTICATED', 'The link is not valid');
    const [userId, deviceId, generation, rotation, expiresAt] = z.parse(
      Content,
      JSON.parse(content.toString()),
    );
    if (expiresAt <= this.clock.now())
      throw new NatterError('UNAUTHENTICATED', 'The link has expired');
    return { userId, deviceId, session: { generation, rotation, expiresAt } };
  }

  private seal(subject: string, content: Buffer): Buffer {
    return createHmac('sha256', this.key)
      .update(`${subject}:`)
      .update(content)
      .digest()
      .subarray(0, SEAL_BYTES);
  }
}
