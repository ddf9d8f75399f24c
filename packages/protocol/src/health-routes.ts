import { Health, Readiness } from './health.js';
import type { Route } from './route.js';

/** Whether a node is alive and takes work. */
export const healthRoutes = {
  getHealth: {
    summary: 'The process is alive.',
    tag: 'health',
    method: 'GET',
    path: '/healthz',
    policy: 'anyone',
    rate: 'exempt',
    status: 200,
    output: Health,
    errors: [],
  },
  getReadiness: {
    summary:
      'The node takes work: each part of it, with its state. 503 while the node stops or its database is away.',
    tag: 'health',
    method: 'GET',
    path: '/readyz',
    policy: 'anyone',
    rate: 'exempt',
    status: 200,
    output: Readiness,
    errors: [],
  },
} as const satisfies Record<string, Route>;
