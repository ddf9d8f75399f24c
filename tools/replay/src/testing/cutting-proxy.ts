import { connect, createServer, type Socket } from 'node:net';

/** Whether a chunk begins with a frame that sends a message; what clients send is masked (RFC 6455, 5.3). */
function isSend(chunk: Buffer): boolean {
  const start = ((chunk[1] ?? 0) & 0x7f) === 126 ? 4 : 2;
  const mask = chunk.subarray(start, start + 4);
  const text = chunk.subarray(start + 4).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.from(text).includes('"sendMessage"');
}

/**
 * A way to a server that breaks: after every `sends` messages that clients send, all connections are cut. The last one still
 * reaches the server, so that it acts and its answer is lost.
 */
export async function startCuttingProxy(
  upstream: string,
  sends: number,
): Promise<{ url: string; cuts(): number; stop(): Promise<void> }> {
  const { hostname, port } = new URL(upstream);
  const clients = new Set<Socket>();
  let seen = 0;
  const cut = (): void => {
    for (const client of clients) client.destroy();
    clients.clear();
  };
  const server = createServer((client) => {
    clients.add(client);
    const origin = connect(Number(port), hostname);
    client.on('data', (chunk) => {
      origin.write(chunk);
      if (!isSend(chunk)) return;
      seen += 1;
      if (seen % sends === 0) cut();
    });
    client.on('close', () => origin.end());
    client.on('error', () => client.destroy());
    origin.on('data', (chunk) => client.write(chunk));
    origin.on('close', () => client.destroy());
    origin.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const listening = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${listening}`,
    cuts: () => Math.floor(seen / sends),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
