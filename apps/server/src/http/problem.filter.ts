import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  Inject,
  Injectable,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { toNatterError, toProblem } from '../errors/translate.js';
import { LOGGER } from '../logging/logger.js';

/** Answers every failure as `application/problem+json` (ERR-1); the cause of an unexpected one goes to the log. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = toNatterError(thrown);
    const problem = toProblem(error, request.id);
    // What a busy node refuses by the thousand is no error of it, and what clients do wrong is none either.
    if (error.code === 'INTERNAL' || (error.code === 'UNAVAILABLE' && error.cause !== undefined)) {
      this.logger.error({ requestId: request.id, error: error.cause ?? error }, 'a request failed');
    }
    if (error.retryAfterMs !== undefined)
      reply.header('retry-after', Math.ceil(error.retryAfterMs / 1000));
    void reply.status(problem.status).type('application/problem+json').send(problem);
  }
}
