import { errors, type Readiness, type RouteOutput } from '@natter/protocol';
import { Controller, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Route } from '../http/route.decorator.js';
import { HealthService } from './health.service.js';

@Controller()
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Route('getHealth')
  getHealth(): RouteOutput<'getHealth'> {
    return { status: 'ok' };
  }

  @Route('getReadiness')
  async getReadiness(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.health.readiness();
    if (readiness.status === 'unavailable') reply.status(errors.UNAVAILABLE.status);
    return readiness;
  }
}
