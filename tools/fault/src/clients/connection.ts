import { setTimeout as delay } from 'node:timers/promises';
import { HandshakeError, PROTOCOL_VERSION } from '@natter/protocol';
import { io, type Socket } from 'socket.io-client';
import * as z from 'zod/mini';
import type { LoggedIn, NatterApi } from './natter-api.js';

const RECONNECTION = { reconnectionDelay: 100, reconnectionDelayMax: 2000 };
const REFUSED_PAUSE_MS = 500;

/**
 * A person's socket, which comes back by itself: after a cut through socket.io-client, after a refused or ended
 * session by logging the same device in anew.
 */
export class Connection {
  readonly socket: Socket;
  private closed = false;
  private node = 0;

  /**
   * @param urls The nodes, the one to begin with first: where it cannot be reached, the socket goes to the next.
   */
  constructor(
    private readonly urls: readonly string[],
    private readonly api: NatterApi,
    private person: LoggedIn,
    private readonly warn: (warning: string) => void,
  ) {
    this.socket = io(urls[0] ?? '', {
      ...RECONNECTION,
      auth: (give) => give({ token: this.person.token, protocolVersion: PROTOCOL_VERSION }),
      transports: ['websocket'],
      forceNew: true,
    });
    this.socket.io.on('reconnect_attempt', () => this.moveOn());
    this.socket.on('connect_error', (error: Error & { data?: unknown }) => {
      // Where the transport failed, socket.io-client tries again; where the server refused, it does not.
      if (!this.socket.active) void this.comeBack(error.data);
    });
    this.socket.on('disconnect', () => {
      if (!this.socket.active) void this.comeBack(undefined);
    });
  }

  get token(): string {
    return this.person.token;
  }

  /** Resolves with whether the socket is connected now, after waiting for it no longer than `waitMs`. */
  async whenConnected(waitMs: number): Promise<boolean> {
    if (this.socket.connected) return true;
    return new Promise((resolve) => {
      const settle = (connected: boolean): void => {
        clearTimeout(timer);
        this.socket.off('connect', succeed);
        resolve(connected);
      };
      const succeed = (): void => settle(true);
      const timer = setTimeout(() => settle(false), waitMs);
      this.socket.on('connect', succeed);
    });
  }

  /** Gives up a connection that stands and on which nothing comes; another one is made at once. */
  renew(): void {
    if (this.socket.connected) this.socket.io.engine.close();
  }

  close(): void {
    this.closed = true;
    this.socket.disconnect();
  }

  /** As a proxy does that has found a node to be gone. The client has no setting for it. */
  private moveOn(): void {
    this.node = (this.node + 1) % this.urls.length;
    Object.assign(this.socket.io, { uri: this.urls[this.node] });
  }

  private async comeBack(refusal: unknown): Promise<void> {
    if (this.closed) return;
    try {
      const { success, data } = z.safeParse(HandshakeError, refusal);
      if (success && (data.code === 'UNAUTHENTICATED' || data.code === 'DEVICE_REVOKED')) {
        this.person = await this.api.login(this.person, this.person.deviceId);
      } else {
        await delay(REFUSED_PAUSE_MS);
        this.moveOn();
      }
    } catch (error) {
      this.warn(`${this.person.username} is unable to log in again: ${String(error)}`);
    }
    if (!this.closed) this.socket.connect();
  }
}
