import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Authenticator } from '../identity/authenticator.js';
import type { Caller } from '../identity/caller.js';
import { routeOf } from './route-metadata.js';

const BEARER = /^Bearer +([^ ]+)$/i;

const callers = new WeakMap<FastifyRequest, Caller>();

/** The caller whom the guard let through. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (!caller) throw new Error('Unable to name the caller; the route wants no bearer token');
  return caller;
}

export function setCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/** Lets a request through whose bearer token stands for a live device session, where the route wants one. */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(private readonly authenticator: Authenticator) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (routeOf(context).policy === 'anyone') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const caller = await this.authenticator.identify(token);
    await this.authenticator.confirm(caller);
    setCaller(request, caller);
    return true;
  }
}
