import { ChatSocket } from './chat-socket.js';
import type { OpenIdle } from './contract.js';

const CONCURRENCY = 50;

/** Connections that do nothing but stay. */
export class IdleConnections {
  private readonly sockets: ChatSocket[] = [];
  private failure: string | undefined;

  /** @throws where one cannot be opened, or was lost since. */
  async open({ url, tokens, connections }: OpenIdle): Promise<void> {
    const numbers = Array.from({ length: connections }, (_, number) => number).values();
    const openSome = async (): Promise<void> => {
      for (const number of numbers) {
        const token = tokens[number % tokens.length] ?? '';
        this.sockets.push(
          await ChatSocket.connect(url, token, {
            acknowledged: () => undefined,
            delivered: () => undefined,
            lost: (reason) => {
              this.failure ??= reason;
            },
          }),
        );
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, openSome));
    this.requireAll();
  }

  /** @throws where a connection was lost while it should have stayed. */
  async close(): Promise<void> {
    this.requireAll();
    await Promise.all(this.sockets.splice(0).map((socket) => socket.close()));
  }

  private requireAll(): void {
    if (this.failure !== undefined) {
      throw new Error(`An idle connection was lost: ${this.failure}`);
    }
  }
}
