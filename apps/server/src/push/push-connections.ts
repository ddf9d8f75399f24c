import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { Agent as HttpAgent, type ClientRequest, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIPv6 } from 'node:net';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { EndpointPolicy } from './endpoint-policy.js';

/** Of an answer's body nothing is used; a longer one is cut off with its connection. */
const DRAINED_BYTES = 16 * 1024;
const HEADER_BYTES = 16 * 1024;
const DNS_TIMEOUT_MS = 2000;
const DNS_TRIES = 2;
/** Sockets whose answer is still being drained do not keep the next push waiting. */
const SOCKETS_PER_PUSH = 2;

/**
 * What came of a request. `unsent`: it never left, and may be tried again. `uncertain`: whether the service took it
 * nobody knows. `forbidden`: the host is none to which pushes are sent.
 */
export type PushAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly retryAfter: string | undefined;
    }
  | { readonly kind: 'unsent' | 'uncertain' | 'forbidden' };

/** The addresses of a host. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

export class ForbiddenAddressError extends Error {
  constructor() {
    super('Unable to connect; the host has an address that is not public');
    this.name = 'ForbiddenAddressError';
  }
}

/**
 * Looks a host up for a connection, which is then made to one of the very addresses that were allowed here: no second
 * lookup can give others (T71). One address that is not allowed forbids the host.
 */
export function guardedLookup(
  mayConnect: (hostname: string, address: string) => boolean,
  resolve: Resolve,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        const addresses = found.map((address): LookupAddress => {
          return { address, family: isIPv6(address) ? 6 : 4 };
        });
        const [first] = addresses;
        if (!first || !found.every((address) => mayConnect(hostname, address))) {
          callback(new ForbiddenAddressError(), []);
        } else if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

/**
 * Asks the name servers themselves: the system's own lookup holds a thread of a small pool for as long as a hostile name
 * server likes, and logins wait for the same threads (T72).
 */
function resolveByDns(): Resolve {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
  return async (hostname) => {
    if (hostname === 'localhost') return ['127.0.0.1'];
    const answers = await Promise.allSettled([
      resolver.resolve4(hostname),
      resolver.resolve6(hostname),
    ]);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length > 0) return found;
    throw new Error('Unable to resolve the host of a push service');
  };
}

/** Whether anything of the request may have left: from when its connection stands. */
function watchDeparture(request: ClientRequest, isSecure: boolean): () => boolean {
  let hasLeft = false;
  request.once('socket', (socket) => {
    if (request.reusedSocket) hasLeft = true;
    else socket.once(isSecure ? 'secureConnect' : 'connect', () => (hasLeft = true));
  });
  return () => hasLeft;
}

/** The connections to push services: checked, bounded in time and size, without redirects. */
@Injectable()
export class PushConnections implements OnApplicationShutdown {
  private readonly policy: EndpointPolicy;
  private readonly agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
  private readonly timeoutMs: number;

  constructor(@Inject(CONFIG) { push }: Config) {
    this.policy = new EndpointPolicy(push);
    this.timeoutMs = push.timeoutMs;
    const options = {
      keepAlive: true,
      timeout: push.timeoutMs,
      maxTotalSockets: push.concurrency * SOCKETS_PER_PUSH,
      lookup: guardedLookup(
        (hostname, address) => this.policy.mayConnect(hostname, address),
        resolveByDns(),
      ),
    };
    this.agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };
  }

  /** Closes idle connections, after those who use them have stopped. */
  onApplicationShutdown(): void {
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  /** Sends a request and resolves when its status has come, or the time is over. Never rejects. */
  async post(
    endpoint: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
  ): Promise<PushAnswer> {
    // Once more: since the device subscribed the configuration may have changed.
    const url = this.policy.read(endpoint);
    if (typeof url === 'string') return { kind: 'forbidden' };
    return new Promise((resolve) => {
      const isSecure = url.protocol === 'https:';
      const options = {
        method: 'POST',
        agent: isSecure ? this.agents.https : this.agents.http,
        headers: { ...headers, 'content-length': body.byteLength },
        maxHeaderSize: HEADER_BYTES,
        signal: AbortSignal.timeout(this.timeoutMs),
      };
      const request = isSecure ? httpsRequest(url, options) : httpRequest(url, options);
      const hasLeft = watchDeparture(request, isSecure);
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (error instanceof ForbiddenAddressError) resolve({ kind: 'forbidden' });
        // The service had closed an idle connection before the request came.
        const wasClosed = request.reusedSocket && error.code === 'ECONNRESET';
        resolve({ kind: hasLeft() && !wasClosed ? 'uncertain' : 'unsent' });
      });
      request.on('response', (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > DRAINED_BYTES) response.destroy();
        });
        response.on('error', () => undefined);
        const { statusCode: status = 0, headers: answered } = response;
        resolve({ kind: 'answered', status, retryAfter: answered['retry-after'] });
      });
      request.end(body);
    });
  }
}
