import multipart from '@fastify/multipart';
import { type Route, routes } from '@natter/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { NatterError } from '../errors/natter-error.js';

const formPaths = new Set(
  Object.values<Route>(routes)
    .filter(({ form }) => form)
    .map(({ path }) => path),
);

/** Where files come in parts (tus); each has its own address below it. */
export const RESUMABLE_PATH = '/v1/uploads';
const PART_TYPE = 'application/offset+octet-stream';

/** Whether the route of a request takes files, which may take their time. */
export function takesFiles({ routeOptions }: Pick<FastifyRequest, 'routeOptions'>): boolean {
  const { url = '' } = routeOptions;
  return formPaths.has(url) || `${url}/`.startsWith(`${RESUMABLE_PATH}/`);
}

/** Lets the routes that take a form read one, part by part as it comes; to all others it is `UNSUPPORTED_MEDIA`. */
export async function readFormsWhereWanted(instance: FastifyInstance): Promise<void> {
  await instance.register(multipart);
  // Neither is read here: whoever takes it reads it as it comes.
  instance.addContentTypeParser(PART_TYPE, (_request, _payload, done) => done(null));
  instance.addHook('preValidation', async (request) => {
    const isPart = request.headers['content-type'] === PART_TYPE;
    if ((request.isMultipart() || isPart) && !takesFiles(request)) {
      throw new NatterError('UNSUPPORTED_MEDIA');
    }
  });
}
