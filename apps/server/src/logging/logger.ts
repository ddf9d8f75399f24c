import type { LoggerService } from '@nestjs/common';
import { pino, stdSerializers, type Logger } from 'pino';
import type { Config } from '../config/config.js';

export type { Logger } from 'pino';
/** The injection token of the node's `Logger`. */
export const LOGGER = Symbol('LOGGER');

/** PostgreSQL's errors quote the row that they are about; texts and hashes have no place in a log. */
function withoutRows(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack, code } = stdSerializers.err(error);
  return { type, message, stack, code };
}

/** JSON lines in production; outside it readable lines where somebody watches a terminal. */
export function createLogger({
  logLevel,
  production,
}: Pick<Config, 'logLevel' | 'production'>): Logger {
  const readable = !production && process.stdout.isTTY;
  return pino({
    level: logLevel,
    serializers: { error: withoutRows },
    ...(readable && {
      transport: {
        target: 'pino-pretty',
        options: { ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' },
      },
    }),
  });
}

/** Nest's own messages through our logger; those of its start are details. */
export function nestLogger(logger: Logger): LoggerService {
  return {
    log: (message: unknown) => logger.debug(String(message)),
    warn: (message: unknown) => logger.warn(String(message)),
    error: (message: unknown, ...details: unknown[]) => logger.error({ details }, String(message)),
    debug: (message: unknown) => logger.trace(String(message)),
    verbose: (message: unknown) => logger.trace(String(message)),
    fatal: (message: unknown) => logger.fatal(String(message)),
  };
}
