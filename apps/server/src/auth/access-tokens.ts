import { createSecretKey, type KeyObject } from 'node:crypto';
import { DeviceId, UserId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { errors as joseErrors, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod/mini';
import { CONFIG, type Config } from '../config/config.js';
import { JWT_SECRET } from '../config/secret.js';
import { NatterError } from '../errors/natter-error.js';
import type { Caller, SessionProof } from '../identity/caller.js';

const ALGORITHM = 'HS256';
const TYPE = 'at+jwt';
const ISSUER = 'natter';
const AUDIENCE = 'natter:access';
const CLOCK_TOLERANCE_SECONDS = 5;
/** Ours are below 400 characters; a longer one is not worth parsing. */
const MAXIMUM_LENGTH = 4096;

const Claims = z.object({ sub: UserId, did: DeviceId, gen: z.int(), rot: z.int(), exp: z.int() });

/** For whom an access token is made. */
export type AccessGrant = Pick<Caller, 'userId' | 'deviceId'> & Omit<SessionProof, 'expiresAt'>;

@Injectable()
export class AccessTokens {
  private readonly key: KeyObject;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(JWT_SECRET) secret: string,
  ) {
    this.key = createSecretKey(secret, 'utf8');
  }

  get lifetimeMs(): number {
    return this.config.accessTokenSeconds * 1000;
  }

  issue({ userId, deviceId, generation, rotation }: AccessGrant): Promise<string> {
    return new SignJWT({ did: deviceId, gen: generation, rot: rotation })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setSubject(userId)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt()
      .setExpirationTime(`${this.config.accessTokenSeconds}s`)
      .sign(this.key);
  }

  /** @throws {NatterError} `UNAUTHENTICATED` where the token is not ours, of another kind, or expired. */
  async verify(token: string): Promise<Caller> {
    try {
      if (token.length > MAXIMUM_LENGTH) throw new NatterError('UNAUTHENTICATED');
      const { payload } = await jwtVerify(token, this.key, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: ISSUER,
        audience: AUDIENCE,
        maxTokenAge: this.config.accessTokenSeconds,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
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
