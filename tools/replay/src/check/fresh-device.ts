import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod/mini';

/** A message as a reader sees it; what this check does not judge is not read. */
const SeenMessage = z.object({
  id: z.string(),
  seq: z.int(),
  kind: z.string(),
  senderId: z.string(),
  clientMessageId: z.optional(z.string()),
  text: z.optional(z.string()),
});
export type SeenMessage = z.output<typeof SeenMessage>;

/** An entry of the log, whatever its event; `message` where it brings a new one. */
export interface SeenEntry {
  readonly seq: number;
  /** Equal to `seq` but for an entry that covers several. */
  readonly toSeq: number;
  readonly message?: SeenMessage;
}

/** All that a member's new device can see of a chat. */
export interface SeenChat {
  readonly messages: readonly SeenMessage[];
  readonly entries: readonly SeenEntry[];
}

const Login = z.object({ accessToken: z.string() });
const HistoryPage = z.object({ items: z.array(SeenMessage), hasMoreAfter: z.boolean() });
const Place = z.object({ seq: z.int(), toSeq: z.optional(z.int()) });
const LogPage = z.object({
  entries: z.array(z.object({ event: z.string(), payload: z.unknown() })),
  hasMore: z.boolean(),
});
const Refusal = z.object({ code: z.string(), retryAfterMs: z.optional(z.int()) });

const PAGE = 100;
const LOG_PAGE = 500;
const TRIES = 20;
const PAUSE_MS = 500;
/** Too many requests, and the server errors that may pass. */
const TRANSIENT_STATUS: readonly number[] = [429, 500, 503];

/** A device that was never there before: it logs in anew and knows only what the server tells it. */
export class FreshDevice {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async login(
    url: string,
    member: { username: string; password: string },
  ): Promise<FreshDevice> {
    const body = JSON.stringify({ ...member, device: { name: 'check' } });
    const headers = { 'content-type': 'application/json' };
    const session = await request(`${url}/v1/auth/login`, { method: 'POST', headers, body });
    return new FreshDevice(url, z.parse(Login, session).accessToken);
  }

  async see(chatId: string): Promise<SeenChat> {
    return { messages: await this.readMessages(chatId), entries: await this.readLog(chatId) };
  }

  private async readMessages(chatId: string): Promise<SeenMessage[]> {
    const messages: SeenMessage[] = [];
    for (let hasMore = true; hasMore;) {
      const after = messages.at(-1)?.seq ?? 0;
      const page = z.parse(
        HistoryPage,
        await this.get(chatId, `messages?after=${after}&limit=${PAGE}`),
      );
      messages.push(...page.items);
      hasMore = page.hasMoreAfter && page.items.length > 0;
    }
    return messages;
  }

  private async readLog(chatId: string): Promise<SeenEntry[]> {
    const entries: SeenEntry[] = [];
    for (let hasMore = true; hasMore;) {
      const after = entries.at(-1)?.toSeq ?? 0;
      const page = z.parse(LogPage, await this.get(chatId, `log?after=${after}&limit=${LOG_PAGE}`));
      entries.push(...page.entries.map(toSeenEntry));
      hasMore = page.hasMore && page.entries.length > 0;
    }
    return entries;
  }

  private get(chatId: string, rest: string): Promise<unknown> {
    return request(`${this.url}/v1/chats/${chatId}/${rest}`, {
      headers: { authorization: `Bearer ${this.token}` },
    });
  }
}

function toSeenEntry({ event, payload }: { event: string; payload: unknown }): SeenEntry {
  const { seq, toSeq = seq } = z.parse(Place, payload);
  return { seq, toSeq, ...(event === 'newMessage' && { message: z.parse(SeenMessage, payload) }) };
}

/** Asks again while the server is busy or coming back. */
async function request(address: string, init: RequestInit): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(address, init).catch((cause: unknown) => {
      throw new Error(`Unable to reach ${address}`, { cause });
    });
    const body: unknown = await response.json();
    if (response.ok) return body;
    const { code, retryAfterMs } = z.parse(Refusal, body);
    if (!TRANSIENT_STATUS.includes(response.status) || attempt >= TRIES) {
      throw new Error(`Unable to read ${address}; the server answered ${code}`);
    }
    await delay(retryAfterMs ?? PAUSE_MS);
  }
}
