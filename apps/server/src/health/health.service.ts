import type { Readiness } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { LOGGER } from '../logging/logger.js';
import { MediaHealth } from '../media/media-health.js';
import { Relay } from '../relay/relay.js';
import { NodeWork } from '../work/node-work.js';

type Check = Readiness['checks'][string];

@Injectable()
export class HealthService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly work: NodeWork,
    private readonly relay: Relay,
    private readonly media: MediaHealth,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Each part that the node works with, as it is now. It is ready without those that it only does less without. */
  async readiness(): Promise<Readiness> {
    const node = this.checkNode();
    const [database, storage] = await Promise.all([this.checkDatabase(), this.checkStorage()]);
    const checks = {
      node,
      database,
      storage,
      ffmpeg: this.checkFfmpeg(),
      ...(this.config.redisUrl !== undefined && { redis: this.checkRelay() }),
    };
    return { status: node.ok && database.ok ? 'ok' : 'unavailable', checks };
  }

  /** The node works without it, so that it stays ready. */
  private checkRelay(): Check {
    return this.relay.isHealthy
      ? { ok: true }
      : { ok: false, detail: 'is away; other nodes are heard of a little later' };
  }

  /** All nodes have the same one: they go on with everything but files. */
  private async checkStorage(): Promise<Check> {
    return (await this.media.storageAnswers())
      ? { ok: true }
      : { ok: false, detail: 'does not answer; files can be neither sent nor opened' };
  }

  private checkFfmpeg(): Check {
    return this.media.hasFfmpeg
      ? { ok: true }
      : { ok: false, detail: 'is not installed; videos have no preview, recordings no waveform' };
  }

  private checkNode(): Check {
    return this.work.isDraining ? { ok: false, detail: 'is stopping' } : { ok: true };
  }

  private async checkDatabase(): Promise<Check> {
    try {
      await sql`select 1`.execute(this.database);
      return { ok: true };
    } catch (error) {
      this.logger.warn({ error }, 'the database does not answer');
      // What went wrong is for the log: the page is public.
      return { ok: false, detail: 'does not answer' };
    }
  }
}
