import { createDecipheriv, createECDH, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { PushPayload } from '@natter/protocol';
import * as z from 'zod/mini';
import type { TestUser } from './test-user.js';

const SALT_BYTES = 16;
const TAG_BYTES = 16;
/** Of the last record of RFC 8188, behind what it says and before its padding. */
const DELIMITER = 2;

/** A subscription of a service on this machine, where nobody answers. */
export const examplePushSubscription = {
  endpoint: 'http://127.0.0.1:9/send/none',
  keys: newKeys().public,
};

function newKeys() {
  const ecdh = createECDH('prime256v1');
  const point = ecdh.generateKeys();
  const auth = randomBytes(16);
  return {
    ecdh,
    point,
    auth,
    public: { p256dh: point.toString('base64url'), auth: auth.toString('base64url') },
  };
}

/** Decrypts by RFC 8291, as a browser does. */
function decrypt({ ecdh, point, auth }: ReturnType<typeof newKeys>, body: Buffer): string {
  const salt = body.subarray(0, SALT_BYTES);
  const keyEnd = SALT_BYTES + 5 + body.readUInt8(SALT_BYTES + 4);
  const sender = body.subarray(SALT_BYTES + 5, keyEnd);
  const derive = (secret: Buffer, from: Buffer, info: Buffer, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, from, info, length));
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), point, sender]);
  const secret = derive(ecdh.computeSecret(sender), auth, info, 32);
  const key = derive(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = derive(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(body.subarray(-TAG_BYTES));
  const record = Buffer.concat([
    decipher.update(body.subarray(keyEnd, -TAG_BYTES)),
    decipher.final(),
  ]);
  return record.subarray(0, record.lastIndexOf(DELIMITER)).toString();
}

/** A push as it came to the service. */
export interface ReceivedPush {
  readonly headers: IncomingMessage['headers'];
  /** When it came, in milliseconds of `performance.now()`. */
  readonly at: number;
  readonly bytes: number;
  /** What it says, as text and as the protocol declares it. */
  readonly text: string;
  readonly payload: PushPayload;
}

/** What the service answers; `hang`, nothing at all. */
export type PushResponse =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | ((response: ServerResponse) => void)
  | 'hang';

/** One browser's subscription. */
export class TestSubscription {
  readonly received: ReceivedPush[] = [];
  private readonly keys = newKeys();

  constructor(
    readonly endpoint: string,
    public response: PushResponse = { status: 201 },
  ) {}

  /** As a browser's `PushSubscription` is as JSON. */
  get json() {
    return { endpoint: this.endpoint, expirationTime: null, keys: this.keys.public };
  }

  get payloads(): PushPayload[] {
    return this.received.map(({ payload }) => payload);
  }

  /** The `seq` of each alert that came. */
  get alerted(): number[] {
    return this.payloads.flatMap((payload) => (payload.type === 'message' ? [payload.seq] : []));
  }

  /** Has pushes sent to the user's device here. */
  async of(user: TestUser): Promise<this> {
    await user.call('subscribeToPush', { body: this.json });
    return this;
  }

  receive(headers: IncomingMessage['headers'], body: Buffer): void {
    const text = decrypt(this.keys, body);
    const payload = z.parse(PushPayload, JSON.parse(text));
    this.received.push({ headers, at: performance.now(), bytes: body.byteLength, text, payload });
  }
}

/** A push service on loopback, which keeps what it receives. */
export class TestPushService {
  private readonly subscriptions = new Map<string, TestSubscription>();
  /** What came and was none of RFC 8291; `stop` throws it. */
  private readonly violations: unknown[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {
    server.on('request', (request, response) => void this.answer(request, response));
  }

  static async start(): Promise<TestPushService> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('Unable to find the port');
    return new TestPushService(server, `http://127.0.0.1:${address.port}`);
  }

  /** A new browser. */
  subscription(response?: PushResponse): TestSubscription {
    const path = `/send/${randomUUID()}`;
    const subscription = new TestSubscription(`${this.url}${path}`, response);
    this.subscriptions.set(path, subscription);
    return subscription;
  }

  /** @throws where something came that is no push by RFC 8291. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
    if (this.violations.length > 0) throw new AggregateError(this.violations, 'Bad pushes came');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(z.parse(z.instanceof(Buffer), chunk));
      const subscription = this.subscriptions.get(request.url ?? '');
      if (!subscription) throw new Error(`There is no subscription ${request.url}`);
      subscription.receive(request.headers, Buffer.concat(chunks));
      const answer = subscription.response;
      if (answer === 'hang') return;
      if (typeof answer === 'function') answer(response);
      else response.writeHead(answer.status, { ...answer.headers }).end();
    } catch (error) {
      this.violations.push(error);
      response.writeHead(500).end();
    }
  }
}
