import type { FastifyInstance } from 'fastify';
import { takesFiles } from './form-bodies.js';

/** How long a client may take to send a whole request that no file is in. */
const REQUEST_MS = 30_000;

/**
 * Cuts requests that do not come to their end. Node has one time for all requests of a server, and a file takes as long
 * as it takes: whoever brings one is cut where nothing comes any more (`media/open-transfers.ts`).
 */
export function limitRequestTimes(instance: FastifyInstance, requestMs: number = REQUEST_MS): void {
  instance.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request;
    if (!raw.complete && !takesFiles(request)) {
      const timer = setTimeout(() => raw.destroy(), requestMs);
      const clear = (): void => clearTimeout(timer);
      raw.once('end', clear);
      raw.once('close', clear);
    }
    done();
  });
}
