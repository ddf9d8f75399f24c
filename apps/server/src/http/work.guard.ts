import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { RouteName } from '@natter/protocol';
import type { FastifyReply } from 'fastify';
import { NodeWork } from '../work/node-work.js';
import { routeNameOf } from './route-metadata.js';

/** Answered whatever the node is busy with: by them it is told whether it is. */
const ALWAYS: readonly RouteName[] = ['getHealth', 'getReadiness'];

/** Counts a request until its answer is sent or its client is gone, and refuses it where the node takes no more. */
@Injectable()
export class WorkGuard implements CanActivate {
  constructor(private readonly work: NodeWork) {}

  canActivate(context: ExecutionContext): boolean {
    if (ALWAYS.includes(routeNameOf(context))) return true;
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    // A proxy must not send its next request down the same connection.
    if (this.work.isDraining) reply.header('connection', 'close');
    this.work.begin();
    reply.raw.once('close', () => this.work.end());
    return true;
  }
}
