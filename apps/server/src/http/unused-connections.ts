import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Closes, when the server does, connections by which nothing has come yet, as browsers open them in advance. Node takes
 * them for requests that are on their way, and would wait for them for as long as for those.
 */
export function closeUnusedConnections(instance: FastifyInstance): void {
  const open = new Set<Socket>();
  instance.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  instance.addHook('preClose', (done) => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    done();
  });
}
