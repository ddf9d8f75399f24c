import { accountRoutes } from './account-routes.js';
import { chatRoutes } from './chat-routes.js';
import { healthRoutes } from './health-routes.js';
import { mediaRoutes } from './media-routes.js';
import { messageRoutes } from './message-routes.js';
import { pushRoutes } from './push-routes.js';
import { searchRoutes } from './search-routes.js';

export type { Route } from './route.js';

/** Every HTTP route (docs/protocol.md, HTTP). */
export const routes = {
  ...accountRoutes,
  ...chatRoutes,
  ...messageRoutes,
  ...mediaRoutes,
  ...pushRoutes,
  ...searchRoutes,
  ...healthRoutes,
} as const;

export type RouteName = keyof typeof routes;
