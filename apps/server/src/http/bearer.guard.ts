import { LinkQuery, MediaParams } from '@natter/protocol';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SignedLinks } from '../identity/signed-links.js';
import { validate } from '../errors/validation.js';
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
  constructor(
    private readonly authenticator: Authenticator,
    private readonly links: SignedLinks,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { policy, signed } = routeOf(context);
    if (policy === 'anyone') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = (signed && this.callerOfLink(request)) ?? (await this.callerOfToken(request));
    await this.authenticator.confirm(caller);
    setCaller(request, caller);
    return true;
  }

  /** Whom the bearer token of a request stands for, where its session lasts. */
  async requireCaller(request: FastifyRequest): Promise<Caller> {
    const caller = await this.callerOfToken(request);
    await this.authenticator.confirm(caller);
    return caller;
  }

  private callerOfToken({ headers }: FastifyRequest): Promise<Caller> {
    return this.authenticator.identify(BEARER.exec(headers.authorization ?? '')?.[1]);
  }

  /** Whose link the request brings; of a link that is not valid, nobody's token helps. */
  private callerOfLink({ params, query }: FastifyRequest): Caller | undefined {
    const { link } = validate(LinkQuery, query);
    return link === undefined ? undefined : this.links.open(validate(MediaParams, params).id, link);
  }
}
