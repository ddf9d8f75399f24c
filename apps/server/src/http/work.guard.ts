import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { RouteName } from '@natter/protocol';
import type { FastifyReply } from 'fastify';
import { Metrics } from '../metrics/metrics.js';
import { NodeWork } from '../work/node-work.js';
import { routeNameOf } from './route-metadata.js';

/** Answered whatever the node is busy with: by them it is told whether it is. */
const ALWAYS: readonly RouteName[] = ['getHealth', 'getReadiness'];

/** Counts a request until its answer is sent or its client is gone, and refuses it where the node takes no more. */
@Injectable()
export class WorkGuard implements CanActivate {
  constructor(
    private readonly work: NodeWork,
    private readonly metrics: Metrics,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const name = routeNameOf(context);
    if (ALWAYS.includes(name)) return true;
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    // A proxy must not send its next request down the same connection.
    if (this.work.isDraining) reply.header('connection', 'close');
    const startedAt = performance.now();
    reply.raw.once('close', () => {
      const seconds = (performance.now() - startedAt) / 1000;
      this.metrics.requestAnswered(name, reply.raw.statusCode, seconds);
    });
    this.work.begin();
    reply.raw.once('close', () => this.work.end());
    return true;
  }
}
