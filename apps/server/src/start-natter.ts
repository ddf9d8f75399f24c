import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import type { Config } from './config/config.js';
import { corsOrigin } from './http/cors.js';
import { ProblemFilter } from './http/problem.filter.js';
import { createLogger, LOGGER, nestLogger } from './logging/logger.js';
import { NatterModule } from './natter.module.js';

export interface RunningNatter {
  readonly application: NestFastifyApplication;
  /** Where it answers, such as `http://localhost:3000`. */
  readonly url: string;
  /** Stops taking work, closes every connection and the embedded database. */
  stop(): Promise<void>;
}

/** Preflight answers are kept by browsers for this long. */
const PREFLIGHT_SECONDS = 600;

/** Starts a node and resolves when it answers. Signals are the caller's business. */
export async function startNatter(config: Config): Promise<RunningNatter> {
  const adapter = new FastifyAdapter({
    bodyLimit: config.limits.frameBytes,
    genReqId: () => randomUUID(),
  });
  const application = await NestFactory.create<NestFastifyApplication>(
    NatterModule.forRoot(config),
    adapter,
    {
      logger: nestLogger(createLogger(config)),
      abortOnError: false,
    },
  );
  application.useGlobalFilters(new ProblemFilter(application.get<Logger>(LOGGER)));
  application.enableCors({ origin: corsOrigin(config), maxAge: PREFLIGHT_SECONDS });
  try {
    await application.listen(config.port, config.host);
  } catch (error) {
    await application.close();
    throw error;
  }
  const address = application.getHttpServer().address();
  const port = typeof address === 'object' && address ? address.port : config.port;
  return {
    application,
    url: `http://localhost:${port}`,
    stop: () => application.close(),
  };
}
