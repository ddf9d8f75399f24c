import * as z from 'zod/mini';
import { commands, type CommandName } from './commands.js';
import { CommandError, type ErrorCode } from './errors.js';
import { events, type EventName } from './events.js';
import { routes, type RouteName } from './routes.js';

/** What a caller may write for a command; the server reads it as `CommandInput`. */
export type CommandArguments<K extends CommandName> = z.input<(typeof commands)[K]['input']>;
/** A command's payload after validation. */
export type CommandInput<K extends CommandName> = z.output<(typeof commands)[K]['input']>;
export type CommandOutput<K extends CommandName> = z.output<(typeof commands)[K]['output']>;
export type CommandAnswer<K extends CommandName> =
  | { ok: true; data: CommandOutput<K> }
  | { ok: false; error: CommandError };

export type EventPayload<K extends EventName> = z.output<(typeof events)[K]['payload']>;

/** Socket.IO's map of what clients emit: every command is answered through its acknowledgement (ACK-1). */
export type ClientToServerEvents = {
  [K in CommandName]: (
    payload: CommandArguments<K>,
    acknowledge?: (answer: CommandAnswer<K>) => void,
  ) => void;
};

/** Socket.IO's map of what the server emits. */
export type ServerToClientEvents = { [K in EventName]: (payload: EventPayload<K>) => void };

/** What one route takes, wherever in the request it stands. A route reads its parts into one flat object. */
type Part<T> = T extends z.core.$ZodType ? z.output<T> : unknown;
export type RouteInput<K extends RouteName> = Part<RoutePart<K, 'params'>> &
  Part<RoutePart<K, 'query'>> &
  Part<RoutePart<K, 'body'>>;
type RoutePart<K extends RouteName, P extends string> =
  (typeof routes)[K] extends Record<P, infer T> ? T : undefined;

/** What a caller may write for a route, part by part; the server reads it as `RouteInput`. */
export type RouteArguments<K extends RouteName> = {
  readonly [P in RequestPart as RoutePart<K, P> extends z.core.$ZodType ? P : never]: RoutePart<
    K,
    P
  > extends infer T extends z.core.$ZodType
    ? z.input<T>
    : never;
};
type RequestPart = 'params' | 'query' | 'body';

export type RouteOutput<K extends RouteName> = (typeof routes)[K] extends {
  output: infer T extends z.core.$ZodType;
}
  ? z.output<T>
  : void;

/** Codes that any command or authenticated route may answer, beside its own. */
export const commonErrors: readonly ErrorCode[] = [
  'INVALID',
  'TOO_LARGE',
  'RATE_LIMITED',
  'INTERNAL',
  'UNAVAILABLE',
];
