import { randomUUID } from 'node:crypto';
import {
  type CommandAnswer,
  type CommandInput,
  type CommandName,
  type CommandOutput,
  commands,
  isCommandName,
  type RateClass,
} from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type * as z from 'zod/mini';
import { NatterError } from '../errors/natter-error.js';
import { isOwnFailure, toCommandError, toNatterError } from '../errors/translate.js';
import { validate } from '../errors/validation.js';
import type { Caller } from '../identity/caller.js';
import { LOGGER } from '../logging/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { callerAt, type Verdict } from '../rates/rate-limits.js';
import { NodeWork } from '../work/node-work.js';
import { CommandAdmission } from './command-admission.js';
import type { CommandHandler, CommandHandlers } from './command-handlers.js';
import type { CommandSource } from './command-source.js';

/** The injection token of the handlers of all commands. */
export const COMMAND_HANDLERS = Symbol('COMMAND_HANDLERS');

/** What is asked of each command's definition, typed by its key. */
const definitions: {
  readonly [K in CommandName]: {
    readonly rate: RateClass;
    readonly input: z.core.$ZodType<CommandInput<K>>;
    readonly output: z.core.$ZodType<CommandOutput<K>>;
  };
} = commands;

/** Names that are no command's count, too. */
const UNKNOWN_RATE: RateClass = 'change';

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
    private readonly admission: CommandAdmission,
    private readonly work: NodeWork,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Takes what a client emitted: a name and its arguments, the last of which may be the acknowledgement. Never throws;
   * a command without an acknowledgement is carried out all the same.
   */
  async receive(
    source: CommandSource,
    name: string,
    parameters: readonly unknown[],
  ): Promise<void> {
    const last = parameters.at(-1);
    const acknowledge = isAcknowledge(last) ? last : undefined;
    const payload = acknowledge === parameters[0] ? undefined : parameters[0];
    try {
      this.work.begin();
    } catch (refusal) {
      const answer = this.failure(name, refusal);
      acknowledge?.(answer);
      this.measure(name, answer, performance.now());
      return;
    }
    const startedAt = performance.now();
    try {
      const answer = await this.answer(source, name, payload);
      acknowledge?.(answer);
      this.measure(name, answer, startedAt);
    } finally {
      this.work.end();
    }
  }

  private measure(name: string, answer: CommandAnswer<CommandName>, startedAt: number): void {
    const known = isCommandName(name) ? name : 'unknown';
    const result = answer.ok ? 'ok' : answer.error.code;
    this.metrics.commandAnswered(known, result, (performance.now() - startedAt) / 1000);
  }

  private async answer(
    source: CommandSource,
    name: string,
    payload: unknown,
  ): Promise<CommandAnswer<CommandName>> {
    try {
      return { ok: true, data: await this.carryOut(source, name, payload) };
    } catch (thrown) {
      return this.failure(name, thrown);
    }
  }

  private failure(name: string, thrown: unknown): CommandAnswer<CommandName> {
    const requestId = randomUUID();
    const error = toNatterError(thrown);
    if (isOwnFailure(error)) {
      const cause = error.cause ?? error;
      this.logger.error({ requestId, command: name, error: cause }, 'a command failed');
    }
    return { ok: false, error: toCommandError(error, requestId) };
  }

  private carryOut(source: CommandSource, name: string, payload: unknown) {
    if (!isCommandName(name)) {
      return this.admission.admit(source, UNKNOWN_RATE, () => {
        throw new NatterError('INVALID', 'There is no such command');
      });
    }
    return this.admission.admit(source, definitions[name].rate, (verdict) =>
      this.run(verdict, source.caller, name, payload),
    );
  }

  private run<K extends CommandName>(verdict: Verdict, caller: Caller, name: K, payload: unknown) {
    const definition = definitions[name];
    if (verdict === 'ignored') return validate(definition.output, {});
    const handler: CommandHandler<K> = this.handlers[name];
    // Without a payload all of its fields are absent, and some commands need none.
    return handler(callerAt(verdict, caller), validate(definition.input, payload ?? {}));
  }
}
