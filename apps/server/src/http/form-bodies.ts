import multipart from '@fastify/multipart';
import { type Route, routes } from '@natter/protocol';
import type { FastifyInstance } from 'fastify';
import { NatterError } from '../errors/natter-error.js';

const formPaths = new Set(
  Object.values<Route>(routes)
    .filter(({ form }) => form)
    .map(({ path }) => path),
);

/** Lets the routes that take a form read one, part by part as it comes; to all others it is `UNSUPPORTED_MEDIA`. */
export async function readFormsWhereWanted(instance: FastifyInstance): Promise<void> {
  await instance.register(multipart);
  instance.addHook('preValidation', async (request) => {
    if (request.isMultipart() && !formPaths.has(request.routeOptions.url ?? '')) {
      throw new NatterError('UNSUPPORTED_MEDIA');
    }
  });
}
