import { createECDH } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { importJWK, SignJWT } from 'jose';
import { sql } from 'kysely';
import type { Config } from '../config/config.js';
import type { DatabaseClock } from '../database/database-clock.js';
import type { Database } from '../database/database.js';

/** RFC 8292 allows 24 hours at most. */
const TOKEN_LIFETIME_MS = 12 * 60 * 60 * 1000;
/** A token is used for half of its life, so that one whose clock is ahead takes it, too. */
const TOKEN_USE_MS = TOKEN_LIFETIME_MS / 2;
/** Services of which tokens are kept; devices name the services, so there may be any number. */
const KEPT_TOKENS = 1000;

interface Token {
  readonly text: Promise<string>;
  readonly usedUntil: number;
}

/** By what push services know this installation (RFC 8292). */
@Injectable()
export class Vapid {
  /** base64url of the uncompressed point: what a browser subscribes with. */
  readonly publicKey: string;
  private readonly key: ReturnType<typeof importJWK>;
  private readonly tokens = new Map<string, Token>();

  constructor(
    privateKey: Buffer,
    private readonly subject: string,
    private readonly clock: Pick<DatabaseClock, 'now'>,
  ) {
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(privateKey);
    const point = ecdh.getPublicKey();
    this.publicKey = point.toString('base64url');
    this.key = importJWK(
      {
        kty: 'EC',
        crv: 'P-256',
        x: point.subarray(1, 33).toString('base64url'),
        y: point.subarray(33).toString('base64url'),
        d: privateKey.toString('base64url'),
      },
      'ES256',
    );
  }

  /** The `Authorization` header for a service. */
  async authorization(origin: string): Promise<string> {
    const now = this.clock.now();
    let token = this.tokens.get(origin);
    if (!token || token.usedUntil < now) {
      if (this.tokens.size >= KEPT_TOKENS) this.tokens.clear();
      token = { text: this.sign(origin, now), usedUntil: now + TOKEN_USE_MS };
      this.tokens.set(origin, token);
    }
    return `vapid t=${await token.text}, k=${this.publicKey}`;
  }

  private async sign(origin: string, now: number): Promise<string> {
    return new SignJWT()
      .setProtectedHeader({ typ: 'JWT', alg: 'ES256' })
      .setAudience(origin)
      .setExpirationTime(Math.floor((now + TOKEN_LIFETIME_MS) / 1000))
      .setSubject(this.subject)
      .sign(await this.key);
  }
}

/** The configured key, or else the one of the database; of nodes that start at once on a new one, one makes it. */
async function keyOf({ push }: Config, database: Database): Promise<Buffer> {
  if (push.vapidPrivateKey !== undefined) return Buffer.from(push.vapidPrivateKey, 'base64url');
  const ecdh = createECDH('prime256v1');
  ecdh.generateKeys();
  // A private key that begins with zeros comes shorter.
  const made = Buffer.concat([Buffer.alloc(32), ecdh.getPrivateKey()]).subarray(-32);
  await sql`
    update installation set vapid_private_key = ${made} where vapid_private_key is null`.execute(
    database,
  );
  const { vapid_private_key: kept } = await database
    .selectFrom('installation')
    .select('vapid_private_key')
    .executeTakeFirstOrThrow();
  if (!kept) throw new Error('Unable to read the key for pushes; it is missing from the database');
  return kept;
}

export async function readVapid(
  config: Config,
  database: Database,
  clock: DatabaseClock,
): Promise<Vapid> {
  return new Vapid(await keyOf(config, database), config.push.vapidSubject, clock);
}
