import { ChatSocket } from './chat-socket.js';
import { acknowledgedNumber, isAccepted } from './frames.js';

const SHOWN = 200;

/** A connection over which commands are asked one by one. */
export class CommandSocket {
  private lastNumber = 0;
  private readonly waiting = new Map<number, PromiseWithResolvers<Buffer>>();
  private socket: ChatSocket | undefined;

  private constructor() {}

  /** @throws where the server refuses. */
  static async connect(url: string, token: string): Promise<CommandSocket> {
    const commands = new CommandSocket();
    commands.socket = await ChatSocket.connect(url, token, {
      acknowledged: (frame) => {
        const number = acknowledgedNumber(frame);
        // The frame is the transport's again after this call.
        commands.waiting.get(number)?.resolve(Buffer.from(frame));
        commands.waiting.delete(number);
      },
      delivered: () => undefined,
      lost: (reason) => {
        for (const { reject } of commands.waiting.values()) reject(new Error(reason));
      },
    });
    return commands;
  }

  /** @throws where it is refused, or the connection is lost meanwhile. */
  async ask(command: string, payload: object): Promise<Buffer> {
    this.lastNumber += 1;
    const answer = Promise.withResolvers<Buffer>();
    this.waiting.set(this.lastNumber, answer);
    this.socket?.send(`42${this.lastNumber}${JSON.stringify([command, payload])}`);
    const frame = await answer.promise;
    if (!isAccepted(frame)) {
      throw new Error(`${command} was refused: ${frame.toString('utf8', 0, SHOWN)}`);
    }
    return frame;
  }

  /** Cuts the connection without a word, as a network does. */
  cut(): void {
    this.socket?.cut();
  }

  async close(): Promise<void> {
    await this.socket?.close();
  }
}
