import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  Inject,
  Injectable,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { isOwnFailure, retryAfterSeconds, toNatterError, toProblem } from '../errors/translate.js';
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
    if (isOwnFailure(error)) {
      this.logger.error({ requestId: request.id, error: error.cause ?? error }, 'a request failed');
    }
    if (error.retryAfterMs !== undefined)
      reply.header('retry-after', retryAfterSeconds(error.retryAfterMs));
    void reply.status(problem.status).type('application/problem+json').send(problem);
  }
}
