import { queryDatabase, startTestServer, type TestServer } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findPlanted } from '../model/campaign.js';
import { isDeep } from './sizes.js';

/** Far more than it takes: the model must find each of them. */
const RUNS = 40;
const SEED = 7;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** Lets a trigger change what the server writes, and looks for it with the model. Resolves with what it found. */
async function found(table: string, event: string, body: string): Promise<string> {
  const { databaseUrl } = server;
  await queryDatabase(
    databaseUrl,
    `create function planted() returns trigger language plpgsql as $$ begin ${body} end $$`,
  );
  await queryDatabase(
    databaseUrl,
    `create trigger planted ${event} on ${table} for each row execute function planted()`,
  );
  try {
    return String(await findPlanted({ server, runs: RUNS, seed: SEED }));
  } finally {
    await queryDatabase(databaseUrl, 'drop function planted cascade');
  }
}

const patience = { timeout: 300_000 };

it('SEQ-1 the model finds a seq that is left out', patience, async () => {
  const gap = `
    if new.last_seq > old.last_seq and new.last_seq % 5 = 0 then new.last_seq := new.last_seq + 1; end if;
    return new;`;
  expect(await found('chats', 'before update', gap)).toMatch(/Mismatch: .*\.(?:lastSeq|seq|id): /);
});

it('MSG-4 the model finds a hidden message that comes back', patience, async () => {
  const comesBack = `
    delete from hidden where user_id = new.user_id and chat_id = new.chat_id and seq < new.seq;
    return null;`;
  expect(await found('hidden', 'after insert', comesBack)).toMatch(/Mismatch: /);
});

it('CHAT-4 the model finds an unread count that is one too high', patience, async () => {
  const oneMore = `
    if new.seen_seq > old.seen_seq and new.seen_ordinal > old.seen_ordinal + 1 then
      new.seen_ordinal := new.seen_ordinal - 1;
    end if;
    return new;`;
  expect(await found('marks', 'before update', oneMore)).toMatch(/Mismatch: .*\.unreadCount: /);
});

it('RCPT-1 the model finds a mark that goes back', patience, async () => {
  const back = `
    if new.delivered_seq > old.delivered_seq and new.seen_seq = old.seen_seq and old.seen_seq > 0 then
      new.seen_seq := old.seen_seq - 1;
    end if;
    return new;`;
  expect(await found('marks', 'before update', back)).toMatch(/Mismatch: .*\.seenSeq: /);
});

it.runIf(isDeep)(
  'BLOCK-1 the model finds a message of somebody blocked that is seen',
  patience,
  async () => {
    const shows = 'if new.silenced then return null; end if; return new;';
    expect(await found('hidden', 'before insert', shows)).toMatch(/Mismatch: /);
  },
);

it.runIf(isDeep)(
  'BLOCK-1 the model finds a mark that is shown while a block stands',
  patience,
  async () => {
    const shows = `
    new.shown_delivered_seq := null; new.shown_seen_seq := null; new.shown_xid := null;
    return new;`;
    expect(await found('marks', 'before update', shows)).toMatch(
      /Mismatch: .*\.(?:delivered|seen)/,
    );
  },
);

it.runIf(isDeep)('MSG-7 the model finds a message that lives too long', patience, async () => {
  const longer = `
    new.expires_at := new.expires_at + interval '1 second';
    return new;`;
  expect(await found('messages', 'before insert', longer)).toMatch(/Mismatch: .*\.expiresAt: /);
});
