import type { FastifyInstance } from 'fastify';

/**
 * Lets the server read JSON bodies and no others: any other content type is answered `UNSUPPORTED_MEDIA`. An empty
 * body is none, also where a client names a content type all the same. Prototype keys are refused.
 */
export function readJsonBodiesAlone(instance: FastifyInstance): void {
  const parse = instance.getDefaultJsonParser('error', 'error');
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    (request, body, done) => {
      if (body.length === 0) done(null, undefined);
      else void parse(request, body.toString(), done);
    },
  );
}
