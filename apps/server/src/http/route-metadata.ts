import { type Route, type RouteName, routes } from '@natter/protocol';
import type { ExecutionContext } from '@nestjs/common';

export const ROUTE_METADATA = Symbol('ROUTE');

/** The name of the route that is being answered. */
export function routeNameOf(context: ExecutionContext): RouteName {
  return Reflect.getMetadata(ROUTE_METADATA, context.getHandler());
}

/** The protocol's definition of the route that is being answered. */
export function routeOf(context: ExecutionContext): Route {
  return routes[routeNameOf(context)];
}
