import { beforeEach, inject } from 'vitest';

// Vitest's setup of each test file in the project `bucket`: what cannot be run there is said to be so.
beforeEach((context) => {
  const server = inject('bucketServer');
  if (server && 'missing' in server) context.skip(server.missing);
});
