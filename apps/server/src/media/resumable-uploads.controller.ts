import type { ServerResponse } from 'node:http';
import type { Problem } from '@natter/protocol';
import { All, Controller, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NatterError } from '../errors/natter-error.js';
import { retryAfterSeconds, toNatterError, toProblem } from '../errors/translate.js';
import { BearerGuard } from '../http/bearer.guard.js';
import { RESUMABLE_PATH } from '../http/form-bodies.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { judge, RateLimits } from '../rates/rate-limits.js';
import { ResumableUploadsService } from './resumable-uploads.service.js';

const METHODS: readonly string[] = ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'];

/** The door of tus: its methods, statuses and headers are that protocol's, not ours. */
@Controller()
@UseFilters(ProblemFilter)
export class ResumableUploadsController {
  constructor(
    private readonly uploads: ResumableUploadsService,
    private readonly guard: BearerGuard,
    private readonly rateLimits: RateLimits,
  ) {}

  @All([RESUMABLE_PATH, `${RESUMABLE_PATH}/:id`])
  async handle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (!METHODS.includes(request.method)) throw new NatterError('NOT_FOUND');
    // What the server speaks is no secret, and browsers ask for it without a token.
    const caller =
      request.method === 'OPTIONS' ? undefined : await this.guard.requireCaller(request);
    if (caller) judge('change', await this.rateLimits.take(caller, 'change'));
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    reply.hijack();
    try {
      await this.uploads.handle(caller, request.raw, reply.raw);
    } catch (error) {
      // Nobody else answers from here on.
      if (reply.raw.headersSent) reply.raw.destroy();
      else answerProblem(reply.raw, toProblem(toNatterError(error), request.id));
    }
  }
}

function answerProblem(response: ServerResponse, problem: Problem): void {
  if (problem.retryAfterMs !== undefined) {
    response.setHeader('retry-after', retryAfterSeconds(problem.retryAfterMs));
  }
  response
    .writeHead(problem.status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify(problem));
}
