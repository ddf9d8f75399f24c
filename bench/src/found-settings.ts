import { randomUUID } from 'node:crypto';
import { routes, type Session } from '@natter/protocol';
import type pg from 'pg';
import { getJson, postForAnswer, postJson } from './http.js';
import { environmentOf } from './processes/proc.js';

/** How the server that is measured really is: asked of it, of its process and of its database, not taken from what we set. */
export interface FoundSettings {
  /** Settings of ours in the environment of its process; all others are as documented. */
  readonly environment: readonly string[];
  /** What was tried at its doors, and what it answered. */
  readonly behaviour: readonly string[];
  readonly database: readonly string[];
}

const DATABASE_SETTINGS = [
  'server_version',
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'shared_buffers',
];
/** Where the data are says nothing about how it works. */
const NOT_TOLD = /^NATTER_DATA=/;

/** @param settings.people Two who are registered; the first gets a chat with himself, the second is a stranger to it. */
export async function findSettings(
  url: string,
  processId: number,
  [owner, stranger]: readonly Session[],
  client: pg.Client,
): Promise<FoundSettings> {
  if (!owner || !stranger) throw new Error('Unable to find the settings without two people');
  const environment = environmentOf(processId).filter(
    (setting) => setting.startsWith('NATTER_') && !NOT_TOLD.test(setting),
  );
  const { rows } = await client.query<{ name: string; setting: string }>(
    `select name, current_setting(name) as setting from unnest($1::text[]) with ordinality as s (name, n) order by n`,
    [DATABASE_SETTINGS],
  );
  return {
    environment,
    behaviour: await tryDoors(url, owner, stranger),
    database: rows.map(({ name, setting }) => `${name} ${setting}`),
  };
}

async function tryDoors(url: string, owner: Session, stranger: Session): Promise<string[]> {
  const chat = await postJson(
    url,
    '/v1/chats',
    { type: 'direct', userId: owner.user.id },
    (body) => routes.createChat.output.parse(body),
    owner.accessToken,
  );
  const path = `/v1/chats/${chat.id}/messages`;
  const send = { kind: 'text', text: 'Is it on?', clientMessageId: randomUUID() };
  const first = await postForAnswer(url, path, send, owner.accessToken);
  const again = await postForAnswer(url, path, send, owner.accessToken);
  const other = { ...send, text: 'And this?' };
  const changed = await postForAnswer(url, path, other, owner.accessToken);
  const unknown = await postForAnswer(url, path, send);
  const strange = await postForAnswer(url, path, send, stranger.accessToken);
  const { me } = await getJson(url, `/v1/chats/${chat.id}`, owner.accessToken, (body) =>
    routes.getChat.output.parse(body),
  );
  return [
    `a send ${first.status}`,
    `repeated ${again.status}`,
    `with other content ${changed.status}`,
    `without a token ${unknown.status}`,
    `by a stranger ${strange.status}`,
    `the sender's mark after it ${me?.seenSeq}`,
  ];
}
