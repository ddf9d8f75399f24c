import { randomUUID } from 'node:crypto';
import {
  type CommandAnswer,
  type CommandInput,
  type CommandName,
  commands,
  isCommandName,
} from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type * as z from 'zod/mini';
import type { Caller } from '../identity/caller.js';
import { NatterError } from '../errors/natter-error.js';
import { toCommandError, toNatterError } from '../errors/translate.js';
import { validate } from '../errors/validation.js';
import { LOGGER } from '../logging/logger.js';
import type { CommandHandler, CommandHandlers } from './command-handlers.js';

/** The injection token of the handlers of all commands. */
export const COMMAND_HANDLERS = Symbol('COMMAND_HANDLERS');

/** The schema of each command's input, typed by its key. */
const definitions: {
  readonly [K in CommandName]: { readonly input: z.core.$ZodType<CommandInput<K>> };
} = commands;

type Acknowledge = (answer: CommandAnswer<CommandName>) => void;

function isAcknowledge(value: unknown): value is Acknowledge {
  return typeof value === 'function';
}

/** The one way from a socket to the services: validates a command, carries it out, and always answers (ACK-1). */
@Injectable()
export class CommandBinder {
  constructor(
    @Inject(COMMAND_HANDLERS) private readonly handlers: CommandHandlers,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Takes what a client emitted: a name and its arguments, the last of which may be the acknowledgement. Never throws;
   * a command without an acknowledgement is carried out all the same.
   */
  async receive(caller: Caller, name: string, parameters: readonly unknown[]): Promise<void> {
    const last = parameters.at(-1);
    const acknowledge = isAcknowledge(last) ? last : undefined;
    const payload = acknowledge === parameters[0] ? undefined : parameters[0];
    const answer = await this.answer(caller, name, payload);
    acknowledge?.(answer);
  }

  private async answer(
    caller: Caller,
    name: string,
    payload: unknown,
  ): Promise<CommandAnswer<CommandName>> {
    try {
      if (!isCommandName(name)) throw new NatterError('INVALID', 'There is no such command');
      return { ok: true, data: await this.run(caller, name, payload) };
    } catch (thrown) {
      const requestId = randomUUID();
      const error = toNatterError(thrown);
      if (error.code === 'INTERNAL' || error.code === 'UNAVAILABLE') {
        this.logger.error(
          { requestId, command: name, error: error.cause ?? error },
          'a command failed',
        );
      }
      return { ok: false, error: toCommandError(error, requestId) };
    }
  }

  private run<K extends CommandName>(caller: Caller, name: K, payload: unknown) {
    const handler: CommandHandler<K> = this.handlers[name];
    return handler(caller, validate(definitions[name].input, payload));
  }
}
