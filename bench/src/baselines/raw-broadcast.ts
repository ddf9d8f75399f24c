import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { isObjectOf, isString } from '../guards.js';

/**
 * What Socket.IO's own broadcast does on one core: no identity, no checks, no storage. What comes in the place of a token
 * names the room, and each message goes as it came to the others in it. The transport is configured as Natter
 * configures it.
 */
const http = createServer();
const server = new Server(http, { perMessageDeflate: false, httpCompression: false });
const isAuth = isObjectOf<{ readonly token: string }>({ token: isString });

server.on('connection', (socket) => {
  const { auth } = socket.handshake;
  if (!isAuth(auth)) {
    socket.disconnect();
    return;
  }
  void socket.join(auth.token);
  socket.on('sendMessage', (payload: unknown, acknowledge: (answer: unknown) => void) => {
    socket.to(auth.token).emit('newMessage', payload);
    acknowledge(payload);
  });
});

http.listen(0, '127.0.0.1', () => {
  const address = http.address();
  if (address !== null && typeof address === 'object') process.send?.({ port: address.port });
});
process.on('disconnect', () => process.exit());
