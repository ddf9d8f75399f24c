import { randomUUID } from 'node:crypto';
import { routes } from '@natter/protocol';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from './config/config.js';
import { toNatterError, toProblem } from './errors/translate.js';
import { corsOrigin } from './http/cors.js';
import { readFormsWhereWanted } from './http/form-bodies.js';
import { readJsonBodiesAlone } from './http/json-bodies.js';
import { limitRequestTimes } from './http/request-time.js';
import { protectResponses } from './http/response-headers.js';
import { ProblemFilter } from './http/problem.filter.js';
import { createLogger, LOGGER, nestLogger } from './logging/logger.js';
import { closeUnusedConnections } from './http/unused-connections.js';
import { NatterModule } from './natter.module.js';
import { serveWeb } from './web/serve-web.js';
import type { WorkerSeat } from './workers/worker-seat.js';

export interface RunningNatter {
  readonly application: NestFastifyApplication;
  /** Where it answers, such as `http://localhost:3000`. */
  readonly url: string;
  /** Stops taking work, closes every connection and the embedded database. */
  stop(): Promise<void>;
}

/** Preflight answers are kept by browsers for this long. */
const PREFLIGHT_SECONDS = 600;
/** How long a client may take to send the head of a request. */
const HEADERS_TIMEOUT_MS = 10_000;
/** How often that is looked at. */
const CONNECTIONS_CHECK_MS = 5000;

/** What pages of other origins may read, of files and of resumable uploads too. */
const EXPOSED_HEADERS: readonly string[] = [
  'retry-after',
  'accept-ranges',
  'content-disposition',
  'content-range',
  'etag',
  'location',
  'tus-extension',
  'tus-max-size',
  'tus-resumable',
  'tus-version',
  'upload-expires',
  'upload-length',
  'upload-metadata',
  'upload-offset',
];

function createAdapter(config: Config): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: config.limits.frameBytes,
    // A file may take as long as it takes; `limitRequestTimes` holds all else to a time.
    requestTimeout: 0,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
    },
    // Answers while stopping are ours, too.
    return503OnClosing: false,
    trustProxy: [...config.trustedProxies],
    genReqId: () => randomUUID(),
    // What Fastify refuses before any handler, such as an address that cannot be decoded.
    frameworkErrors: (thrown: Error, request: FastifyRequest, reply: FastifyReply) => {
      const problem = toProblem(toNatterError(thrown), request.id);
      void reply.status(problem.status).type('application/problem+json').send(problem);
    },
  });
}

/** Of the time that a node has to stop: after this, requests and connections that are still open are cut. */
const OPEN_SHARE = 0.8;

async function stop(application: NestFastifyApplication, { drainMs }: Config): Promise<void> {
  const timer = setTimeout(
    () => application.getHttpServer().closeAllConnections(),
    drainMs * OPEN_SHARE,
  );
  await application.close();
  clearTimeout(timer);
}

/**
 * Starts a node and resolves when it answers. Signals are the caller's business.
 *
 * @param seat Where it is one of several workers on this machine.
 */
export async function startNatter(given: Config, seat?: WorkerSeat): Promise<RunningNatter> {
  const config = seat ? { ...given, databaseUrl: seat.databaseUrl } : given;
  const adapter = createAdapter(config);
  const application = await NestFactory.create<NestFastifyApplication>(
    NatterModule.forRoot(config, seat),
    adapter,
    { logger: nestLogger(createLogger(config)), abortOnError: false, bodyParser: false },
  );
  await protectResponses(application);
  readJsonBodiesAlone(adapter.getInstance());
  closeUnusedConnections(adapter.getInstance());
  limitRequestTimes(adapter.getInstance());
  await readFormsWhereWanted(adapter.getInstance());
  application.useGlobalFilters(new ProblemFilter(application.get<Logger>(LOGGER)));
  application.enableCors({
    origin: corsOrigin(config),
    methods: ['HEAD', ...new Set(Object.values(routes).map(({ method }) => method))],
    exposedHeaders: [...EXPOSED_HEADERS],
    maxAge: PREFLIGHT_SECONDS,
  });
  await serveWeb(application, config.webFolder);
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
    stop: () => stop(application, config),
  };
}
