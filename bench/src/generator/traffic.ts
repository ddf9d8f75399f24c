import { mapSome } from '../concurrency.js';
import { ChatSocket } from './chat-socket.js';
import type { OpenRooms, Room, RunCounts } from './contract.js';
import { acknowledgedNumber, isAccepted, messageIdIn, sendFrame, seqIn } from './frames.js';
import { clientMessageIdOf, Ledger } from './ledger.js';
import { textOf } from './texts.js';

const SENT_FRAME_SHOWN = 200;
const CONNECTING_AT_ONCE = 50;

/** One user's connection and the chat in which he sends. */
export interface Sender {
  readonly socket: ChatSocket;
  readonly chatId: string;
  /** How many others receive what he sends. */
  readonly receivers: number;
  readonly ledger: Ledger;
}

/** Called for each message; what a load does with it. */
export interface TrafficListener {
  acknowledged?(sender: Sender, sentAtMs: number): void;
  delivered?(frame: Buffer): void;
}

/** The connections to one server, what was sent over them and what came back. */
export class Traffic {
  readonly senders: Sender[] = [];
  listener: TrafficListener = {};
  /** The reason of the first connection that was lost: what is measured after that means nothing. */
  failure: string | undefined;
  private readonly sentAt = new Map<number, number>();
  private lastNumber = 0;
  private acknowledged = 0;
  private delivered = 0;
  private due = 0;
  private otherEvents = 0;
  private refused = 0;
  private refusal = '';

  private constructor(private readonly options: OpenRooms) {}

  static async open(options: OpenRooms): Promise<Traffic> {
    const traffic = new Traffic(options);
    for (const room of options.rooms) await traffic.openRoom(room);
    return traffic;
  }

  /** Messages that are not answered yet. */
  get outstanding(): number {
    return this.sentAt.size;
  }

  /** True as long as something sent is not answered, or not delivered to everybody. */
  get busy(): boolean {
    return this.outstanding > 0 || this.delivered < this.due;
  }

  /** Since the connections were opened. */
  counts(): RunCounts {
    const { acknowledged, delivered, due, otherEvents, refused, refusal } = this;
    return { acknowledged, delivered, due, otherEvents, refused, refusal };
  }

  send({ socket, chatId }: Sender): void {
    this.lastNumber += 1;
    const now = performance.now();
    this.sentAt.set(this.lastNumber, now);
    const text = textOf(now, this.options.bodyBytes);
    socket.send(sendFrame(this.lastNumber, chatId, clientMessageIdOf(this.lastNumber), text));
  }

  async close(): Promise<void> {
    await Promise.all(this.senders.map(({ socket }) => socket.close()));
  }

  private async openRoom({ chatId, tokens }: Room): Promise<void> {
    const ledger = new Ledger();
    const receivers = this.options.delivers ? tokens.length - 1 : 0;
    await mapSome(tokens, CONNECTING_AT_ONCE, async (token) => {
      const socket = await ChatSocket.connect(this.options.url, token, {
        acknowledged: (frame) => this.settle(sender, frame),
        delivered: (frame) => {
          this.delivered += 1;
          this.listener.delivered?.(frame);
        },
        otherEvent: () => {
          this.otherEvents += 1;
        },
        lost: (reason) => {
          this.failure ??= reason;
        },
      });
      const sender: Sender = { socket, chatId, receivers, ledger };
      this.senders.push(sender);
    });
  }

  private settle(sender: Sender, frame: Buffer): void {
    const number = acknowledgedNumber(frame);
    const sentAtMs = this.sentAt.get(number);
    if (sentAtMs === undefined) {
      this.failure ??= `an acknowledgement that nothing waits for: ${frame.toString()}`;
      return;
    }
    this.sentAt.delete(number);
    if (this.options.target === 'natter' && !this.enter(sender, number, frame)) {
      this.refused += 1;
      this.refusal ||= frame.toString('utf8', 0, SENT_FRAME_SHOWN);
    } else {
      this.acknowledged += 1;
      this.due += sender.receivers;
    }
    this.listener.acknowledged?.(sender, sentAtMs);
  }

  /** Notes what the server promised to have stored; false where it refused. */
  private enter({ ledger }: Sender, number: number, frame: Buffer): boolean {
    if (!isAccepted(frame)) return false;
    const seq = seqIn(frame);
    const messageId = messageIdIn(frame);
    if (seq === undefined || messageId === undefined) return false;
    ledger.record(seq, number, messageId);
    return true;
  }
}
