import { randomInt, randomUUID } from 'node:crypto';
import type { Chat, Message, Session } from '@natter/protocol';
import {
  ChildServer,
  freshName,
  PASSWORD,
  sendRequest,
  TestSocket,
  TestUser,
} from '@natter/testing';

/** What is killed with SIGKILL while messages are being sent. */
export type Victim = 'server' | 'database' | 'both';

export interface CampaignReport {
  kills: number;
  acknowledged: number;
  lost: number;
  duplicated: number;
  altered: number;
  /** Holes and repeats in the numbers of the chats. */
  misnumbered: number;
}

const CLIENTS = 8;
const MESSAGES_BETWEEN_KILLS = { minimum: 50, maximum: 400 };

/** Sends one message after the other; what was not acknowledged is sent again under the same id, for ever. */
class LoadClient {
  readonly acknowledged = new Map<string, Message>();
  private stopped = false;
  private socket: TestSocket | undefined;

  constructor(
    private readonly user: TestUser,
    private readonly chatId: string,
  ) {}

  async run(): Promise<void> {
    let number = 0;
    while (!this.stopped) {
      number += 1;
      const payload = {
        chatId: this.chatId,
        clientMessageId: randomUUID(),
        text: `${this.user.id} says ${number}`,
      };
      const message = await this.sendUntilAcknowledged(payload);
      if (message) this.acknowledged.set(payload.clientMessageId, message);
    }
    this.socket?.close();
  }

  stop(): void {
    this.stopped = true;
  }

  private async sendUntilAcknowledged(payload: object): Promise<Message | undefined> {
    for (;;) {
      try {
        this.socket ??= await TestSocket.connect(this.user.url, { token: this.user.token });
        const answer = await this.socket.answer('sendMessage', payload);
        if (answer.ok) return answer.data.message;
        if (!answer.error.retryable)
          throw new Error(`A send was refused: ${JSON.stringify(answer.error)}`);
      } catch (error) {
        if (error instanceof Error && error.message.startsWith('A send was refused')) throw error;
        this.socket?.close();
        this.socket = undefined;
      }
      if (this.stopped) return undefined;
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  }
}

/** All that a fresh device sees of a chat. */
async function readLog(user: TestUser, chatId: string): Promise<Message[]> {
  const messages: Message[] = [];
  for (let after = 0; ;) {
    const { body } = await user.call('getLog', {
      params: { id: chatId },
      query: { after, limit: 500 },
    });
    for (const { event, payload } of body.entries)
      if (event === 'newMessage') messages.push(payload);
    after = messages.at(-1)?.seq ?? 0;
    if (!body.hasMore) return messages;
  }
}

function judge(
  clients: readonly LoadClient[],
  logs: ReadonlyMap<string, Message[]>,
  report: CampaignReport,
): void {
  const stored = new Map<string, Message[]>();
  for (const messages of logs.values()) {
    for (const [index, message] of messages.entries()) {
      if (message.seq !== index + 1) report.misnumbered += 1;
      const id = message.clientMessageId ?? message.id;
      stored.set(id, [...(stored.get(id) ?? []), message]);
    }
  }
  for (const messages of stored.values()) report.duplicated += messages.length - 1;
  report.acknowledged = 0;
  for (const { acknowledged } of clients) {
    for (const [clientMessageId, message] of acknowledged) {
      report.acknowledged += 1;
      const [found] = stored.get(clientMessageId) ?? [];
      if (!found) report.lost += 1;
      else if (
        found.id !== message.id ||
        found.seq !== message.seq ||
        found.text !== message.text
      ) {
        report.altered += 1;
      }
    }
  }
}

async function kill(server: ChildServer, victim: Victim): Promise<void> {
  if (victim !== 'server') await server.killDatabase();
  if (victim !== 'database') {
    await server.kill('SIGKILL');
    await server.start();
  }
  await server.untilReady();
}

/**
 * Kills a child server, its database, or both, again and again while clients send, and compares after each restart
 * all that was acknowledged with what a fresh login reads.
 */
export async function runKillCampaign(
  kills: number,
  victims: readonly Victim[],
): Promise<CampaignReport> {
  const report: CampaignReport = {
    kills: 0,
    acknowledged: 0,
    lost: 0,
    duplicated: 0,
    altered: 0,
    misnumbered: 0,
  };
  const server = await ChildServer.prepare({ NATTER_ACCESS_TOKEN_SECONDS: '86400' });
  try {
    await server.start();
    const users = await Promise.all(
      Array.from({ length: CLIENTS }, () => TestUser.register(server.url, freshName('load'))),
    );
    const [owner] = users;
    if (!owner) throw new Error('There is nobody');
    const chats: Chat[] = [await owner.group(users), await owner.group(users)];
    const clients = users.map(
      (user, index) => new LoadClient(user, chats[index % chats.length]?.id ?? ''),
    );
    const running = Promise.all(clients.map((client) => client.run()));
    try {
      for (let round = 0; round < kills; round += 1) {
        const before = acknowledgedBy(clients);
        const goal =
          before + randomInt(MESSAGES_BETWEEN_KILLS.minimum, MESSAGES_BETWEEN_KILLS.maximum);
        await untilAcknowledged(clients, goal, running);
        await kill(server, victims[round % victims.length] ?? 'server');
        report.kills += 1;
        await compare(server, users, chats, clients, report);
      }
    } finally {
      for (const client of clients) client.stop();
      await running;
    }
    await compare(server, users, chats, clients, report);
    return report;
  } finally {
    await server.dispose();
  }
}

function acknowledgedBy(clients: readonly LoadClient[]): number {
  return clients.reduce((sum, client) => sum + client.acknowledged.size, 0);
}

async function untilAcknowledged(
  clients: readonly LoadClient[],
  goal: number,
  running: Promise<unknown>,
): Promise<void> {
  const failed = running.then(() => Promise.reject(new Error('The clients stopped by themselves')));
  while (acknowledgedBy(clients) < goal) {
    await Promise.race([
      failed,
      new Promise((resolve) => {
        setTimeout(resolve, 5);
      }),
    ]);
  }
  failed.catch(() => undefined);
}

/** Clients go on while the logs are read, so what they know is copied first. */
async function compare(
  server: ChildServer,
  users: readonly TestUser[],
  chats: readonly Chat[],
  clients: readonly LoadClient[],
  report: CampaignReport,
): Promise<void> {
  const known = clients.map(
    (client) => ({ acknowledged: new Map(client.acknowledged) }) as LoadClient,
  );
  const [user] = users;
  if (!user) throw new Error('There is nobody');
  const session = await freshLogin(server.url, user.session.user.username);
  const fresh = new TestUser(server.url, session);
  const logs = new Map<string, Message[]>();
  for (const { id } of chats) logs.set(id, await readLog(fresh, id));
  judge(known, logs, report);
}

/** While the database comes back, answers may still be `UNAVAILABLE`, which is what clients try again after. */
async function freshLogin(url: string, username: string): Promise<Session> {
  for (;;) {
    const request = { body: { username, password: PASSWORD } };
    const { status, body } = await sendRequest(url, 'login', request);
    if (status === 200) return body as Session;
    if (status !== 503) throw new Error(`A login was refused: ${JSON.stringify(body)}`);
  }
}
