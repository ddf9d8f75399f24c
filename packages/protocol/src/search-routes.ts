import type { Route } from './route.js';
import { SearchMessagesQuery, SearchPage } from './search.js';

export const searchRoutes = {
  searchMessages: {
    summary: "Messages of the caller's chats whose text fits a query, the newest first (SRCH-1).",
    tag: 'search',
    method: 'GET',
    path: '/v1/search/messages',
    policy: 'user',
    rate: 'read',
    query: SearchMessagesQuery,
    status: 200,
    output: SearchPage,
    errors: ['NOT_FOUND'],
  },
} as const satisfies Record<string, Route>;
