/**
 * A process with nothing but clients, as light as they can be: no more of Socket.IO than the few frames that a client
 * needs. They come back by themselves, to the next node each time, and sync. Whoever started it tells what to wait for.
 */
import * as z from 'zod/mini';
import { StormOrder } from './storm-order.js';

const Answer = z.tuple([
  z.object({
    ok: z.literal(true),
    data: z.object({
      entries: z.array(z.object({ payload: z.looseObject({ text: z.optional(z.string()) }) })),
      cursor: z.string(),
      hasMore: z.boolean(),
    }),
  }),
]);
const Live = z.tuple([z.string(), z.looseObject({ text: z.optional(z.string()) })]);

/** As socket.io-client waits before it comes back: a moment of its own, longer each time. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 5000;
const REPORT_MS = 100;
const SYNC = '421';
const ACKNOWLEDGED = '431';

class LightClient {
  isLive = false;
  private readonly missing: Set<string>;
  private cursor: string | undefined;
  private attempt = 0;
  private pauses = 0;

  constructor(
    private readonly order: StormOrder,
    private readonly token: string,
  ) {
    this.missing = new Set(order.texts);
    this.open();
  }

  get isCaughtUp(): boolean {
    return this.isLive && this.missing.size === 0;
  }

  private open(): void {
    const { urls } = this.order;
    const url = (urls[this.attempt % urls.length] ?? '').replace('http', 'ws');
    const socket = new WebSocket(`${url}/socket.io/?EIO=4&transport=websocket`);
    socket.addEventListener('message', ({ data }) => this.receive(socket, String(data)));
    socket.addEventListener('close', () => this.comeBack());
    socket.addEventListener('error', () => undefined);
  }

  private comeBack(): void {
    this.isLive = false;
    this.attempt += 1;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.pauses, LONGEST_PAUSE_MS);
    this.pauses += 1;
    setTimeout(() => this.open(), pause * (0.5 + Math.random()));
  }

  private receive(socket: WebSocket, frame: string): void {
    if (frame === '2') socket.send('3');
    else if (frame.startsWith('0')) socket.send(`40${JSON.stringify({ token: this.token })}`);
    else if (frame.startsWith('44')) socket.close();
    else if (frame.startsWith('40')) this.sync(socket);
    else if (frame.startsWith(ACKNOWLEDGED)) this.take(socket, frame.slice(ACKNOWLEDGED.length));
    else if (frame.startsWith('42["newMessage"')) {
      const [, { text }] = z.parse(Live, JSON.parse(frame.slice(2)));
      this.missing.delete(text ?? '');
    }
  }

  private sync(socket: WebSocket): void {
    socket.send(`${SYNC}${JSON.stringify(['sync', { cursor: this.cursor }])}`);
  }

  private take(socket: WebSocket, json: string): void {
    const { success, data } = z.safeParse(Answer, JSON.parse(json));
    // Refused for now: the next connection syncs from the same cursor.
    if (!success) {
      socket.close();
      return;
    }
    const [{ data: page }] = data;
    for (const { payload } of page.entries) this.missing.delete(payload.text ?? '');
    this.cursor = page.cursor;
    if (page.hasMore) {
      this.sync(socket);
      return;
    }
    this.isLive = true;
    this.pauses = 0;
  }
}

process.once('message', (message) => {
  const order = z.parse(StormOrder, message);
  const clients = Array.from(
    { length: order.sockets },
    (_, index) => new LightClient(order, order.tokens[index % order.tokens.length] ?? ''),
  );
  setInterval(() => {
    process.send?.({
      live: clients.filter(({ isLive }) => isLive).length,
      caughtUp: clients.filter(({ isCaughtUp }) => isCaughtUp).length,
    });
  }, REPORT_MS);
});
process.once('disconnect', () => process.exit());
