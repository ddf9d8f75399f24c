import { Controller, Get, Param, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NatterError } from '../errors/natter-error.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { DocsFiles } from './docs-files.js';
import { docsContentPolicy } from './docs-page.js';

/** Pages and descriptions are asked for again each time, and answered 304 while they are the same. */
const ALWAYS_ASK = 'no-cache';
const AN_HOUR = 'public, max-age=3600';

/** The documentation of the API, for people; no part of the protocol and open to everybody. */
@Controller('docs')
@UseFilters(ProblemFilter)
export class DocsController {
  constructor(private readonly files: DocsFiles) {}

  @Get()
  page(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.send('page', ALWAYS_ASK, request, reply);
  }

  @Get('openapi.json')
  document(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.send('openapi.json', ALWAYS_ASK, request, reply);
  }

  @Get('socket')
  socketPage(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.send('socket', ALWAYS_ASK, request, reply);
  }

  @Get('asyncapi.json')
  socketDocument(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.send('asyncapi.json', ALWAYS_ASK, request, reply);
  }

  @Get('assets/:name')
  asset(
    @Param('name') name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.send(`assets/${name}`, AN_HOUR, request, reply);
  }

  private async send(
    name: string,
    caching: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const file = await this.files.find(name);
    if (!file) throw new NatterError('NOT_FOUND');
    reply.headers({
      'cache-control': caching,
      etag: file.tag,
      'content-security-policy': docsContentPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    if (request.headers['if-none-match']?.includes(file.tag)) {
      void reply.status(304).send();
      return;
    }
    void reply.type(file.type).send(file.content);
  }
}
