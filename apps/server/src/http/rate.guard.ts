import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerAt, judge, RateLimits } from '../rates/rate-limits.js';
import { callerOf, setCaller } from './bearer.guard.js';
import { routeOf } from './route-metadata.js';

/** Holds the callers of a route to its rate; comes after the guard that names them. */
@Injectable()
export class RateGuard implements CanActivate {
  constructor(private readonly rateLimits: RateLimits) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { rate } = routeOf(context);
    if (rate === 'exempt') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = callerOf(request);
    const verdict = judge(rate, await this.rateLimits.take(caller, rate));
    setCaller(request, callerAt(verdict, caller));
    return true;
  }
}
