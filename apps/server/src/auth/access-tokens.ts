import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { DeviceId, UserId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { base64url, errors as joseErrors, jwtVerify } from 'jose';
import * as z from 'zod/mini';
import { CONFIG, type Config } from '../config/config.js';
import { JWT_SECRET } from '../config/secret.js';
import { DatabaseClock } from '../database/database-clock.js';
import { NatterError } from '../errors/natter-error.js';
import type { Caller, SessionProof } from '../identity/caller.js';

const ALGORITHM = 'HS256';
const TYPE = 'at+jwt';
const ISSUER = 'natter';
const AUDIENCE = 'natter:access';
const CLOCK_TOLERANCE_SECONDS = 5;
/** Ours are below 400 characters; a longer one is not worth parsing. */
const MAXIMUM_LENGTH = 4096;
/** Tokens that are known again; beyond, those known longest are checked anew. About 7 MiB. */
const KNOWN_LIMIT = 10_000;

const Claims = z.object({ sub: UserId, did: DeviceId, gen: z.int(), rot: z.int(), exp: z.int() });

const HEADER = base64url.encode(JSON.stringify({ alg: ALGORITHM, typ: TYPE }));

/** For whom an access token is made. */
export type AccessGrant = Pick<Caller, 'userId' | 'deviceId'> & Omit<SessionProof, 'expiresAt'>;

@Injectable()
export class AccessTokens {
  private readonly key: KeyObject;
  /**
   * What was found genuine and has not expired. A client sends the same token with each request, and on another thread, as
   * the library works, checking it costs more than the rest of a small one. Whether its session lives is asked each time.
   */
  private readonly known = new Map<string, Caller>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(JWT_SECRET) secret: string,
    private readonly clock: DatabaseClock,
  ) {
    this.key = createSecretKey(secret, 'utf8');
  }

  get lifetimeMs(): number {
    return this.config.accessTokenSeconds * 1000;
  }

  /**
   * Signed on the spot: on another thread, as the library does it, it would wait behind the passwords that are hashed
   * there, and waking that thread costs everybody's sends more than the signature does.
   */
  issue({ userId, deviceId, generation, rotation }: AccessGrant): string {
    const issuedAt = Math.floor(this.clock.now() / 1000);
    const claims = {
      did: deviceId,
      gen: generation,
      rot: rotation,
      sub: userId,
      iss: ISSUER,
      aud: AUDIENCE,
      iat: issuedAt,
      exp: issuedAt + this.config.accessTokenSeconds,
    };
    const signed = `${HEADER}.${base64url.encode(JSON.stringify(claims))}`;
    return `${signed}.${createHmac('sha256', this.key).update(signed).digest('base64url')}`;
  }

  /** @throws {NatterError} `UNAUTHENTICATED` where the token is not ours, of another kind, or expired. */
  async verify(token: string): Promise<Caller> {
    const known = this.known.get(token);
    if (known && known.session.expiresAt > this.clock.now()) return known;
    const caller = await this.check(token);
    this.known.set(token, caller);
    if (this.known.size > KNOWN_LIMIT) {
      const [oldest] = this.known.keys();
      if (oldest !== undefined) this.known.delete(oldest);
    }
    return caller;
  }

  private async check(token: string): Promise<Caller> {
    try {
      if (token.length > MAXIMUM_LENGTH) throw new NatterError('UNAUTHENTICATED');
      const { payload } = await jwtVerify(token, this.key, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: ISSUER,
        audience: AUDIENCE,
        maxTokenAge: this.config.accessTokenSeconds,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(this.clock.now()),
        requiredClaims: ['sub', 'exp', 'iat'],
      });
      const claims = z.parse(Claims, payload);
      return {
        userId: claims.sub,
        deviceId: claims.did,
        session: { generation: claims.gen, rotation: claims.rot, expiresAt: claims.exp * 1000 },
      };
    } catch (error) {
      const expired = error instanceof joseErrors.JWTExpired;
      throw new NatterError(
        'UNAUTHENTICATED',
        expired ? 'The access token has expired' : 'The access token is not valid',
        { cause: error },
      );
    }
  }
}
