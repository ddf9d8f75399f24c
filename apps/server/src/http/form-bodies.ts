import multipart from '@fastify/multipart';
import { type Route, routes } from '@natter/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { NatterError } from '../errors/natter-error.js';

const formPaths = new Set(
  Object.values<Route>(routes)
    .filter(({ form }) => form)
    .map(({ path }) => path),
);

/** Whether the route of a request takes files, which may take their time. */
export function takesFiles({ routeOptions }: Pick<FastifyRequest, 'routeOptions'>): boolean {
  return formPaths.has(routeOptions.url ?? '');
}

/** Lets the routes that take a form read one, part by part as it comes; to all others it is `UNSUPPORTED_MEDIA`. */
export async function readFormsWhereWanted(instance: FastifyInstance): Promise<void> {
  await instance.register(multipart);
  instance.addHook('preValidation', async (request) => {
    if (request.isMultipart() && !takesFiles(request)) {
      throw new NatterError('UNSUPPORTED_MEDIA');
    }
  });
}
