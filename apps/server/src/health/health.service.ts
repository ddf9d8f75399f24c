import type { Readiness } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { Database } from '../database/database.js';
import { LOGGER } from '../logging/logger.js';

@Injectable()
export class HealthService {
  constructor(
    private readonly database: Database,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Each part that the node needs to do work, as it is now. */
  async readiness(): Promise<Readiness> {
    const database = await this.checkDatabase();
    return { status: database.ok ? 'ok' : 'unavailable', checks: { database } };
  }

  private async checkDatabase(): Promise<{ ok: boolean; detail?: string }> {
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
