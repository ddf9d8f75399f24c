import { PushKey, PushSubscriptionInput } from './push.js';
import type { Route } from './route.js';

/** Web Push (PUSH-1). */
export const pushRoutes = {
  getPushKey: {
    summary: 'The key with which a browser subscribes to pushes of this server.',
    tag: 'devices',
    method: 'GET',
    path: '/v1/push/key',
    policy: 'user',
    rate: 'read',
    status: 200,
    output: PushKey,
    errors: [],
  },
  subscribeToPush: {
    summary: 'Has pushes sent to the current device, for as long as its session lasts.',
    tag: 'devices',
    method: 'PUT',
    path: '/v1/devices/current/push',
    policy: 'user',
    rate: 'change',
    body: PushSubscriptionInput,
    status: 204,
    errors: [],
  },
  unsubscribeFromPush: {
    summary: 'Ends the pushes to the current device.',
    tag: 'devices',
    method: 'DELETE',
    path: '/v1/devices/current/push',
    policy: 'user',
    rate: 'change',
    status: 204,
    errors: [],
  },
} as const satisfies Record<string, Route>;
