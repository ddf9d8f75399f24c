import type { CommandInput, CommandName, CommandOutput } from '@natter/protocol';
import type { Caller } from '../identity/caller.js';

/** Carries out one command of the protocol; its input is validated. */
export type CommandHandler<K extends CommandName> = (
  caller: Caller,
  input: CommandInput<K>,
) => Promise<CommandOutput<K>>;

/** A handler for each of the commands: what a gateway implements for its own, and the binder wants for all. */
export type CommandHandlers<K extends CommandName = CommandName> = { [N in K]: CommandHandler<N> };
