import { randomUUID } from 'node:crypto';
import type { ExportLine } from '@natter/protocol';
import { startTestServer, type TestServer } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ rateLimits: false });
});
afterAll(() => server.stop());

/** An account with something of everything, and what others must not see of it or it of others. */
async function scene(padding = '') {
  const [anna, ben] = await Promise.all([server.user(), server.user()]);
  const [notes, direct, group] = [
    await anna.direct(anna),
    await anna.direct(ben),
    await ben.group([anna]),
  ];
  const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  await atAnna.send(notes.id, 'to myself');
  for (let index = 0; index < 620; index += 1) {
    await atBen.send(group.id, `in the group ${index}${padding}`);
  }
  const hidden = await atBen.send(direct.id, 'hidden from anna');
  await atAnna.command('deleteMessage', { messageId: hidden.id, scope: 'me' });
  await atBen.send(direct.id, 'to anna');
  await ben.group([]).then(({ id }) => atBen.send(id, 'among others'));
  const third = await server.user();
  await anna.call('blockUser', { params: { id: third.id } });
  const uploads = [await anna.upload('one'), await anna.upload('two')];
  await ben.upload('not hers');
  anna.disconnect();
  ben.disconnect();
  return { anna, ben, third, uploads, chatIds: [notes.id, direct.id, group.id] };
}

/** The export in pieces: after so many lines of each the connection is lost, in the middle of a line. */
async function inPieces(token: string, lines: number): Promise<ExportLine[]> {
  const whole: ExportLine[] = [];
  for (;;) {
    const last = whole.at(-1);
    const query = last && 'cursor' in last ? `?cursor=${encodeURIComponent(last.cursor)}` : '';
    const response = await fetch(`${server.url}/v1/users/me/export${query}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (response.status === 429) continue;
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (text.split('\n').length <= lines) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) break;
      text += chunk.value;
    }
    await reader?.cancel();
    const complete = text.split('\n').slice(0, -1).slice(0, lines);
    whole.push(...complete.map((line) => JSON.parse(line) as ExportLine));
    if (whole.at(-1)?.type === 'end') return whole;
  }
}

/** What is the same in each answer: where a line goes on is not, and that a device asks is noted as its use. */
const contentOf = (line: ExportLine) => ({
  ...line,
  cursor: undefined,
  ...(line.type === 'device' && { device: { ...line.device, lastSeenAt: undefined } }),
});

it('EXP-1 is everything that a user can see of his own account, and nothing else', async () => {
  const { anna, third, uploads, chatIds } = await scene();
  const { body: lines, headers } = await anna.call('exportOwn');
  expect(headers.get('content-type')).toMatch(/^application\/x-ndjson/);
  expect(headers.get('content-disposition')).toMatch(/^attachment/);
  const of = <T extends ExportLine['type']>(type: T) =>
    lines.filter((line): line is Extract<ExportLine, { type: T }> => line.type === type);
  expect(of('profile')).toMatchObject([{ user: { id: anna.id, privacy: {} } }]);
  expect(of('device')).toMatchObject([{ device: { id: anna.session.device.id, current: true } }]);
  expect(of('block')).toMatchObject([{ user: { id: third.id } }]);
  expect(of('media').map(({ media }) => media)).toEqual(uploads);
  expect(
    of('chat')
      .map(({ chat }) => chat.id)
      .toSorted(),
  ).toEqual(chatIds.toSorted());
  const texts = of('message').flatMap(({ message }) => message.text ?? []);
  expect(texts).toHaveLength(1 + 620 + 1);
  expect(texts).toContain('to anna');
  expect(JSON.stringify(lines)).not.toMatch(/hidden from anna|among others|argon2/);
  expect(lines.at(-1)).toEqual({ type: 'end' });
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    if (line.type !== 'message' || before?.type !== 'message') continue;
    if (before.message.chatId === line.message.chatId) {
      expect(before.message.seq).toBeLessThan(line.message.seq);
    }
  }
});

it('EXP-1 goes on behind the last whole line, however often it is broken off', async () => {
  const { anna, ben } = await scene();
  const { body: whole } = await anna.call('exportOwn');
  const pieces = await inPieces(anna.token, 97);
  expect(pieces.map(contentOf)).toEqual(whole.map(contentOf));
  const [line] = whole;
  const cursor = line && 'cursor' in line ? line.cursor : '';
  expect(await ben.fail('exportOwn', { query: { cursor } })).toMatchObject({ code: 'INVALID' });
  expect(await anna.fail('exportOwn', { query: { cursor: randomUUID() } })).toMatchObject({
    code: 'INVALID',
  });
});

it('EXP-1 AUTH-3 ends where its session ends', async () => {
  // More than what is on its way between the two ends at any time.
  const { anna } = await scene('x'.repeat(16_000));
  const response = await fetch(`${server.url}/v1/users/me/export`, {
    headers: { authorization: `Bearer ${anna.token}` },
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  await reader?.read();
  await anna.call('logout');
  let text = '';
  const rest = async (): Promise<void> => {
    for (;;) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) return;
      text += chunk.value;
    }
  };
  await expect(rest()).rejects.toThrow('terminated');
  expect(text).not.toContain('"type":"end"');
  expect(await anna.fail('exportOwn')).toMatchObject({ code: 'DEVICE_REVOKED' });
});
