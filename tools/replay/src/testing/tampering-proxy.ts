import { createServer, type IncomingMessage } from 'node:http';
import * as z from 'zod/mini';

const WireMessage = z.looseObject({ id: z.string(), seq: z.int(), text: z.optional(z.string()) });
/** A message of a page, with whatever else the server says of it. */
export type WireMessage = z.output<typeof WireMessage>;
/** Changes a page of a chat's messages, as a broken server would. */
export type Tamper = (page: readonly WireMessage[]) => readonly WireMessage[];

const HistoryPage = z.looseObject({ items: z.array(WireMessage) });
const LogPage = z.looseObject({
  entries: z.array(z.object({ event: z.literal('newMessage'), payload: WireMessage })),
});

function tamperWith(body: unknown, tamper: Tamper): unknown {
  const history = z.safeParse(HistoryPage, body);
  if (history.success) return { ...history.data, items: tamper(history.data.items) };
  const log = z.safeParse(LogPage, body);
  if (!log.success) return body;
  const messages = tamper(log.data.entries.map(({ payload }) => payload));
  return { ...log.data, entries: messages.map((payload) => ({ event: 'newMessage', payload })) };
}

async function forward(
  upstream: string,
  request: IncomingMessage,
): Promise<{ status: number; body: unknown }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const { method = 'GET', headers } = request;
  const response = await fetch(`${upstream}${request.url}`, {
    method,
    headers: {
      ...(headers.authorization !== undefined && { authorization: headers.authorization }),
      ...(headers['content-type'] !== undefined && { 'content-type': headers['content-type'] }),
    },
    ...(method === 'POST' && { body: Buffer.concat(chunks) }),
  });
  return { status: response.status, body: await response.json() };
}

/** A server that answers as `upstream` does, but for its history and log, which agree in having been tampered with. */
export async function startTamperingProxy(
  upstream: string,
  tamper: Tamper,
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    forward(upstream, request).then(
      ({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(tamperWith(body, tamper)));
      },
      (error: Error) => response.destroy(error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
