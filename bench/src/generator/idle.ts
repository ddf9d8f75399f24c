import { mapSome, numbersBelow } from '../concurrency.js';
import { ChatSocket } from './chat-socket.js';
import type { OpenClients } from './contract.js';

const AT_ONCE = 50;

/** Connections that do nothing but stay. */
export class IdleConnections {
  private readonly sockets: ChatSocket[] = [];
  private failure: string | undefined;

  /** @throws where one cannot be opened, or was lost since. */
  async open({ url, tokens, connections }: OpenClients): Promise<void> {
    await mapSome(numbersBelow(connections), AT_ONCE, async (number) => {
      const token = tokens[number % tokens.length] ?? '';
      const socket = await ChatSocket.connect(url, token, {
        acknowledged: () => undefined,
        delivered: () => undefined,
        lost: (reason) => {
          this.failure ??= reason;
        },
      });
      this.sockets.push(socket);
    });
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
