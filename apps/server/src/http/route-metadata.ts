import { type Route, type RouteName, routes } from '@natter/protocol';
import type { ExecutionContext } from '@nestjs/common';

export const ROUTE_METADATA = Symbol('ROUTE');

/** The protocol's definition of the route that is being answered. */
export function routeOf(context: ExecutionContext): Route {
  const name: RouteName = Reflect.getMetadata(ROUTE_METADATA, context.getHandler());
  return routes[name];
}
