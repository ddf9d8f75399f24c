import { randomUUID } from 'node:crypto';
import {
  createTestDatabase,
  hasPooler,
  queryDatabase,
  startTestServer,
  TestPooler,
} from '@natter/testing';
import { expect, it } from 'vitest';

/** Fewer than the pools of the server, so that its transactions take turns on them. */
const CONNECTIONS = 3;
const missing = hasPooler()
  ? ''
  : " (skipped: there is no pgbouncer here; it is in Debian's package pgbouncer)";

it.skipIf(!hasPooler())(
  `G31 behind a pooler in transaction mode everything works, the making of the schema included${missing}`,
  async () => {
    const database = await createTestDatabase();
    await queryDatabase(database.url, 'drop schema public cascade');
    await queryDatabase(database.url, 'create schema public');
    const pooler = await TestPooler.start(database.url, CONNECTIONS);
    const server = await startTestServer({ databaseUrl: pooler.url, databasePool: 12 });
    const { anna, ben, chat, atAnna, atBen } = await server.directChat();
    const texts = Array.from({ length: 50 }, () => randomUUID());
    const sent = await Promise.all(texts.map((text) => atAnna.send(chat.id, text)));
    const others = Promise.all([
      ...sent.map(() => ben.readHistory(chat.id)),
      ...sent.map(({ seq }) => atBen.command('messageSeen', { chatId: chat.id, seq })),
    ]);
    // One after the other: on a slow machine those who come last are refused where all come at once.
    const seqs = sent.map(({ seq }) => seq);
    for (const { id: messageId } of sent) {
      const { seq } = await atBen.command('addReaction', { messageId, emoji: '👍' });
      seqs.push(seq ?? 0);
    }
    await others;
    await atAnna.until(() => atAnna.of('reactionChanged').length === texts.length, 'reactions');
    expect(seqs.toSorted((a, b) => a - b)).toEqual(
      seqs.map((_, index) => chat.lastSeq + 1 + index),
    );
    const word = { query: { query: texts[0] ?? '' } };
    while ((await anna.call('searchMessages', word)).body.items.length === 0);
    await Promise.all([anna.otherDevice(), ben.otherDevice()]);
    anna.disconnect();
    ben.disconnect();
    await server.stop();
    await pooler.stop();
    await database.drop();
  },
);
