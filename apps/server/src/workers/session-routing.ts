import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  request as sendRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { socketOf, type WorkerSeat } from './worker-seat.js';

const ID_SEPARATOR = '~';
const SOCKET_PATH = '/socket.io/';
const LISTENING = ['request', 'upgrade'] as const;

/** Of Engine.IO, where its session is not known: the client begins a new one. */
const UNKNOWN_SESSION = { code: 1, message: 'Session ID unknown' };

/** The session's id as it tells the worker that has it. */
export function sessionIdAt({ id }: Pick<WorkerSeat, 'id'>, sessionId: string): string {
  return `${id}${ID_SEPARATOR}${sessionId}`;
}

function ownerOf(url: string | undefined): string | undefined {
  if (!url?.startsWith(SOCKET_PATH)) return undefined;
  const sessionId = new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('sid');
  const end = sessionId?.indexOf(ID_SEPARATOR) ?? -1;
  const owner = sessionId?.slice(0, end);
  return end > 0 && owner !== undefined && /^\d{1,9}$/.test(owner) ? owner : undefined;
}

/** Of one connection alone, and not to be passed on (RFC 9110 7.6.1). */
const HOP_BY_HOP = /^(?:connection|keep-alive)$/i;

function passedOn(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => !HOP_BY_HOP.test(rawHeaders[index - (index % 2)] ?? ''));
}

function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/**
 * Brings the requests of a long-polling session to the worker that has it. Connections are spread over the workers, and
 * one connection carries requests of many sessions where there is a proxy, and of a session and the API where there is
 * a browser: so it is the request that tells where it belongs, and not the connection.
 */
export class SessionRouting {
  private inner: Server | undefined;

  constructor(private readonly seat: WorkerSeat) {}

  /** To be called when everything else that listens to the server does so already. */
  async attach(server: Server): Promise<void> {
    const listeners = new Map(LISTENING.map((event) => [event, server.listeners(event)]));
    const pass = (event: (typeof LISTENING)[number], parameters: unknown[]): void => {
      for (const listener of listeners.get(event) ?? []) {
        Reflect.apply(listener, server, parameters);
      }
    };
    for (const event of LISTENING) server.removeAllListeners(event);
    server.on('request', (request, response) => {
      const owner = this.otherOwner(request);
      if (owner === undefined) pass('request', [request, response]);
      else this.forward(owner, request, response);
    });
    server.on('upgrade', (request, socket, head) => {
      const owner = this.otherOwner(request);
      if (owner === undefined) pass('upgrade', [request, socket, head]);
      else this.forwardUpgrade(owner, request, socket, head);
    });
    this.inner = createServer((request, response) => pass('request', [request, response]));
    // Only workers connect here: one that is about to send must not find its connection closed.
    this.inner.keepAliveTimeout = 0;
    this.inner.on('upgrade', (...parameters: unknown[]) => pass('upgrade', parameters));
    // Not shared with the other workers, as they share the port.
    this.inner.listen({ path: socketOf(this.seat, this.seat.id), exclusive: true });
    await once(this.inner, 'listening');
  }

  async close(): Promise<void> {
    this.inner?.close();
    this.inner?.closeAllConnections();
    await rm(socketOf(this.seat, this.seat.id), { force: true });
  }

  private otherOwner({ url }: IncomingMessage): string | undefined {
    const owner = ownerOf(url);
    return owner === this.seat.id ? undefined : owner;
  }

  private forward(owner: string, request: IncomingMessage, response: ServerResponse): void {
    const { method, url, headers } = request;
    const forwarded = sendRequest({
      socketPath: socketOf(this.seat, owner),
      method,
      path: url,
      // Where the client's own wish to close were passed on, the other worker could close before the end of the body is written.
      headers: { ...headers, connection: 'keep-alive' },
    });
    forwarded.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, passedOn(answer.rawHeaders));
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    forwarded.on('error', () => {
      if (response.headersSent) response.destroy();
      else {
        response.writeHead(400, { 'content-type': 'application/json' });
        response.end(JSON.stringify(UNKNOWN_SESSION));
      }
    });
    // A client that goes away ends its poll at the other worker, too.
    response.on('close', () => forwarded.destroy());
    request.pipe(forwarded);
  }

  private forwardUpgrade(
    owner: string,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): void {
    const other = connect(socketOf(this.seat, owner));
    other.on('connect', () => {
      other.write(headOf(request));
      other.write(head);
      other.pipe(socket).pipe(other);
    });
    for (const [one, counterpart] of [
      [other, socket],
      [socket, other],
    ] as const) {
      one.on('error', () => counterpart.destroy());
      one.on('close', () => counterpart.destroy());
    }
  }
}
