import { randomUUID } from 'node:crypto';
import { routes, type Session } from '@natter/protocol';
import { createGroups } from '../accounts.js';
import type { StormFigures } from '../generator/contract.js';
import { postJson } from '../http.js';
import { say } from '../progress.js';
import type { Stage } from '../stage.js';

/** Each has two devices where there are 2,000 clients. */
const USERS = 1000;
/** Small enough that everybody in it hears who comes and goes. */
const SMALL_GROUP = 50;

export interface StormsFigures {
  readonly users: number;
  readonly repetitions: readonly StormFigures[];
}

export interface StormOptions {
  /** Registers people, or takes those who are registered. */
  readonly crowdOf: (url: string, count: number) => Promise<readonly Session[]>;
  readonly clients: number;
  readonly repetitions: number;
}

/**
 * All clients lose their connections at once, a message is sent to all of them, and they come back without any waiting.
 * On a fresh server.
 */
export async function runStorm(
  stage: Stage,
  { crowdOf, clients, repetitions }: StormOptions,
): Promise<StormsFigures> {
  const { generator } = stage;
  const natter = await stage.startNatter([]);
  const { url } = natter;
  const crowd = await crowdOf(url, Math.min(USERS, clients));
  const [everybody] = await createGroups(url, crowd, crowd.length);
  await createGroups(url, crowd, Math.min(SMALL_GROUP, crowd.length));
  if (!everybody) throw new Error('Unable to make the group of all');
  say(`${clients} clients`);
  const tokens = crowd.map(({ accessToken }) => accessToken);
  await generator.call('openStorm', { url, tokens, connections: clients });
  const figures: StormFigures[] = [];
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    say(`cutting all of them, repetition ${repetition} of ${repetitions}`);
    await generator.call('cutStorm', {});
    const { message } = await postJson(
      url,
      `/v1/chats/${everybody.chatId}/messages`,
      { kind: 'text', text: 'Sent while all were away', clientMessageId: randomUUID() },
      (body) => routes.sendMessage.output.parse(body),
      tokens[0],
    );
    figures.push(
      await generator.call('reconnectStorm', {
        missedId: message.id,
        serverId: natter.child.processId,
        databaseId: natter.postgres?.processId,
      }),
    );
  }
  await generator.call('closeStorm', {});
  await natter.child.end();
  return { users: crowd.length, repetitions: figures };
}
