import {
  type Route as RouteDefinition,
  type RouteName,
  type RouteOutput,
  routes,
} from '@natter/protocol';
import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  RequestMapping,
  RequestMethod,
  SetMetadata,
  type StreamableFile,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { validate } from '../errors/validation.js';
import { BearerGuard, callerOf } from './bearer.guard.js';
import type { Creation } from './creation.js';
import { ProblemFilter } from './problem.filter.js';
import { RateGuard } from './rate.guard.js';
import { routeOf, ROUTE_METADATA } from './route-metadata.js';
import { StatusInterceptor } from './status.interceptor.js';
import { WorkGuard } from './work.guard.js';

type Result<K extends RouteName> = (typeof routes)[K] extends { lines: true }
  ? StreamableFile
  : (typeof routes)[K] extends { repeatStatus: number }
    ? Creation<RouteOutput<K>>
    : RouteOutput<K>;

type Handler<K extends RouteName> = (...parameters: never[]) => Result<K> | Promise<Result<K>>;

/**
 * Binds a controller's method to a route of the protocol: its method, path, policy, rate, statuses and errors
 * come from there. The method's result type is checked against it.
 */
export function Route<K extends RouteName>(name: K) {
  const route: RouteDefinition = routes[name];
  const decorate = applyDecorators(
    SetMetadata(ROUTE_METADATA, name),
    RequestMapping({ method: RequestMethod[route.method], path: route.path }),
    UseGuards(WorkGuard, BearerGuard, RateGuard),
    UseInterceptors(StatusInterceptor),
    UseFilters(ProblemFilter),
  );
  return <H extends Handler<K>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ) => decorate(target, key, descriptor);
}

/** The validated input of the route: its params, query and body as one object. */
export const FromRequest = createParamDecorator((_: unknown, context: ExecutionContext): object => {
  const route = routeOf(context);
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const parts = [
    route.params && validate(route.params, request.params),
    route.query && validate(route.query, request.query),
    route.body && validate(route.body, request.body ?? {}),
  ];
  return Object.assign({}, ...parts);
});

/** The authenticated caller; only on routes that want a bearer token. */
export const FromCaller = createParamDecorator((_: unknown, context: ExecutionContext) =>
  callerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** The network address of the caller, as the limits count it. */
export const FromAddress = createParamDecorator(
  (_: unknown, context: ExecutionContext): string =>
    context.switchToHttp().getRequest<FastifyRequest>().ip,
);
