import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  callRoute,
  ChildServer,
  freshName,
  PASSWORD,
  sendRequest,
  TestSocket,
  TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../apps/server/dist/main.js', import.meta.url));

async function startAndFail(
  environment: Record<string, string>,
): Promise<{ code: unknown; output: string }> {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [unknown];
  return { code, output };
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

let server: ChildServer;
beforeAll(async () => {
  server = await ChildServer.prepare();
  await server.start();
});
afterAll(() => server.dispose());

it('a wrong configuration stops the start with every problem at once, each with how to mend it', async () => {
  const { code, output } = await startAndFail({
    PORT: 'eighty',
    LOG_LEVEL: 'loud',
    JWT_SECRET: 'too short',
    NATTER_DATABSE: 'x',
    NATTER_RATE_LIMITS: 'perhaps',
  });
  expect(code).toBe(1);
  expect(output).toContain('PORT: "eighty" is not valid; set it to a whole number from 0 to 65535');
  for (const name of ['LOG_LEVEL', 'JWT_SECRET', 'NATTER_DATABSE', 'NATTER_RATE_LIMITS'])
    expect(output).toContain(name);
  expect(output).not.toContain('too short');
});

it.each(['short', 'change-me-change-me-change-me-please', 'x'.repeat(64)])(
  'T18 in production a secret that is short, or that anybody might guess, stops the start: %s',
  async (secret) => {
    const { code, output } = await startAndFail({ NODE_ENV: 'production', JWT_SECRET: secret });
    expect(code).toBe(1);
    expect(output).toMatch(/JWT_SECRET: .*set it to at least 32 random bytes/);
    expect(output).not.toContain(secret);
  },
);

it('a database that is not there stops the start with a message', async () => {
  const { code, output } = await startAndFail({
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    PORT: '0',
  });
  expect(code).toBe(1);
  expect(output).toMatch(/ECONNREFUSED/);
});

it('a second server on the same data folder is refused, and the first goes on', async () => {
  const { code, output } = await startAndFail({ NATTER_DATA: server.dataFolder, PORT: '0' });
  expect(code).toBe(1);
  expect(output).toContain(String(server.processId));
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
});

it('the secret is kept in the data folder with mode 0600, and tokens outlive a restart', async () => {
  const user = await TestUser.register(server.url, freshName());
  const { mode } = await stat(join(server.dataFolder, 'jwt-secret'));
  expect(mode & 0o777).toBe(0o600);
  await server.kill('SIGTERM');
  await server.start();
  expect((await user.call('getOwnUser')).body.id).toBe(user.id);
});

it('T38 T59 the log holds neither passwords nor tokens nor texts, at its most talkative', async () => {
  const talkative = await ChildServer.prepare({ LOG_LEVEL: 'trace' });
  await talkative.start();
  const [password, text, title] = ['canary-password', 'canary-text', 'canary-title'];
  const { body } = await callRoute(talkative.url, 'register', {
    body: { username: freshName(), password },
  });
  const user = new TestUser(talkative.url, body);
  await sendRequest(talkative.url, 'login', {
    body: { username: user.session.user.username, password: `${password}-wrong` },
  });
  const chat = await user.group([], { title });
  const socket = await user.connect();
  await socket.send(chat.id, text);
  await socket.answer('sendMessage', { chatId: 'nonsense', text });
  await user.fail('sendMessage', {
    params: { id: chat.id },
    body: { kind: 'text', text, clientMessageId: text },
  });
  await sendRequest(talkative.url, 'refresh', {
    body: { refreshToken: user.session.refreshToken },
  });
  await sendRequest(talkative.url, 'getOwnUser', {
    token: `${user.token}x`,
    query: { token: user.token },
  });
  user.disconnect();
  await talkative.kill('SIGTERM');
  expect(talkative.log).toContain('stopping on SIGTERM');
  expect(talkative.log).not.toContain('canary');
  expect(talkative.log).not.toContain(user.token.slice(0, 40));
  expect(talkative.log).not.toContain(user.session.refreshToken.slice(-40));
  // All that went wrong here, clients did.
  expect(talkative.log).not.toContain('a request failed');
  await talkative.dispose();
});

it('SIGTERM tells the clients, and stops the server and its database', async () => {
  const { body } = await callRoute(server.url, 'register', {
    body: { username: freshName(), password: PASSWORD },
  });
  const socket = await TestSocket.connect(server.url, { token: body.accessToken });
  const database = await server.databaseProcessId();
  const { processId } = server;
  await server.kill('SIGTERM');
  await socket.until(() => socket.raw.disconnected, 'the cut');
  expect(socket.of('serverDraining')).toEqual([{ reconnectAfterMs: expect.any(Number) }]);
  expect(isRunning(processId)).toBe(false);
  expect(isRunning(database)).toBe(false);
  await server.start();
});

it('SIGTERM loses no connection of the database that it would warn of', async () => {
  const busy = await ChildServer.prepare();
  await busy.start();
  const anna = await TestUser.register(busy.url, freshName());
  const chat = await anna.group();
  // At once, so that there are several.
  await Promise.all(Array.from({ length: 5 }, () => anna.readHistory(chat.id)));
  expect(await busy.kill('SIGTERM')).toBe(0);
  expect(busy.log).not.toContain('a database connection was lost');
  await busy.dispose();
});
