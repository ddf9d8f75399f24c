import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  isOutput,
  isReply,
  type OperationName,
  type Operations,
  type Reply,
  type Request,
} from '../generator/contract.js';
import { Child } from './child.js';
import { onCore } from './placement.js';
import type { Resources } from './resources.js';

const PROGRAM = fileURLToPath(new URL('../generator/main.js', import.meta.url));

/** The load generator's process. */
export class Generator {
  private lastId = 0;
  private readonly waiting = new Map<number, PromiseWithResolvers<Reply>>();

  private constructor(private readonly child: Child) {
    child.process.on('message', (message) => {
      if (isReply(message)) this.waiting.get(message.id)?.resolve(message);
    });
    child.process.once('exit', () => {
      for (const { reject } of this.waiting.values()) {
        reject(new Error('The generator ended before its time'));
      }
    });
  }

  static async start(
    folder: string,
    core: number | undefined,
    resources: Resources,
  ): Promise<Generator> {
    const logFile = join(folder, 'generator.log');
    const command = onCore(core, [process.execPath, PROGRAM]);
    return new Generator(
      await Child.start({ command, folder, logFile, messages: true }, resources),
    );
  }

  get processId(): number {
    return this.child.processId;
  }

  async end(): Promise<void> {
    await this.child.end();
  }

  /** @throws with what went wrong in the generator. */
  async call<K extends OperationName>(
    operation: K,
    input: Operations[K]['input'],
  ): Promise<Operations[K]['output']> {
    if (!this.child.running) throw new Error('The generator has ended');
    this.lastId += 1;
    const request: Request = { id: this.lastId, operation, input };
    const reply = Promise.withResolvers<Reply>();
    this.waiting.set(request.id, reply);
    this.child.process.send(request);
    const { output, failure } = await reply.promise.finally(() => this.waiting.delete(request.id));
    if (failure !== undefined) throw new Error(`${operation} failed: ${failure}`);
    if (!isOutput[operation](output)) throw new TypeError(`${operation} gave an unknown answer`);
    return output;
  }
}
