import { createServer } from 'node:http';
import { Server } from 'socket.io';

/**
 * The upper bound of what Socket.IO does on one core: no identity, no checks, no storage. It answers each
 * `sendMessage` with its own payload. The transport is configured as Natter configures it.
 */
const http = createServer();
const server = new Server(http, { perMessageDeflate: false, httpCompression: false });

server.on('connection', (socket) => {
  socket.on('sendMessage', (payload: unknown, acknowledge: (answer: unknown) => void) => {
    acknowledge(payload);
  });
});

http.listen(0, '127.0.0.1', () => {
  const address = http.address();
  if (address !== null && typeof address === 'object') process.send?.({ port: address.port });
});
process.on('disconnect', () => process.exit());
