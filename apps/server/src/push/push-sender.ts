import type { PushPayload } from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Sweep } from '../background/sweep.js';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { LiveDevices } from '../presence/live-devices.js';
import { AlertsRepository, type DueAlert, type ReadyAlert } from './alerts.repository.js';
import { PushDelivery, type Reception, type Refusal } from './push-delivery.js';
import type { PushOutcome } from './push-outcome.js';
import { messagePayload } from './push-payload.js';
import { PushSlots } from './push-slots.js';
import { retryDelayMs } from './retry-delay.js';
import { ServiceOutages } from './service-outages.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';

/** How often it looks for what has become due, by its time or by another node. */
const INTERVAL_MS = 1000;
/** With the longest delays between them, some hours. */
const MOST_ATTEMPTS = 10;
/**
 * Apple ends a subscription after some pushes that show nothing, and one that tells that an alert is over shows nothing.
 * The others only want that there are few.
 */
const REFUSES_SILENT_PUSHES = /(^|\.)push\.apple\.com(:\d+)?$/;

/** What is to be done about alerts that are due. */
interface Decisions {
  /** To be alerted. */
  readonly alerts: readonly ReadyAlert[];
  /** To be told that their last alert is over. */
  readonly closings: readonly DueAlert[];
  /** With no need of a push now, but with an alert that stands. */
  readonly resting: readonly DueAlert[];
  /** Of which nothing is left to do. */
  readonly done: readonly DueAlert[];
}

function keyOf({ device_id: deviceId, chat_id: chatId }: DueAlert): string {
  return `${deviceId}:${chatId}`;
}

/**
 * Tells push services what is due. What they are told of is noted before they are: so no alert comes twice, whenever a
 * node dies (G24). What they surely were not told of is tried again.
 */
@Injectable()
export class PushSender implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly slots: PushSlots;
  private readonly outages: ServiceOutages;
  private readonly sending: Sweep;
  /** The devices and chats of which a push is under way: the next one is not to overtake it. */
  private readonly underWay = new Set<string>();
  /** Whether there was more to take the last time. */
  private isMoreDue = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly database: Database,
    private readonly alerts: AlertsRepository,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly liveDevices: LiveDevices,
    private readonly delivery: PushDelivery,
    private readonly metrics: Metrics,
  ) {
    const help = 'How long the alert that is due the longest has waited to be pushed.';
    metrics.watch('push_lag_seconds', help, () => alerts.lagSeconds());
    this.slots = new PushSlots(config.push.concurrency);
    this.outages = new ServiceOutages(config.push.retryMs);
    this.sending = new Sweep(logger, 'unable to send pushes; trying again', () => this.fill());
  }

  onApplicationBootstrap(): void {
    this.sending.start(INTERVAL_MS, 'atOnce');
  }

  /** What is under way has the time that push services have to answer. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.sending.stop();
    await this.slots.settle();
  }

  /** There may be something due. */
  wake(): void {
    this.sending.request();
  }

  /** Takes as much as may be under way. What ends makes room for more. */
  private async fill(): Promise<void> {
    while (!this.sending.isStopping) {
      const { free } = this.slots;
      if (free <= 0) return;
      const { alerts, closings, taken } = await this.take(free);
      for (const closing of closings) this.begin(closing, this.close(closing));
      if (alerts.length > 0) await this.sendAll(alerts);
      this.isMoreDue = taken === free;
      if (!this.isMoreDue) return;
    }
  }

  private begin(alert: DueAlert, push: Promise<void>): void {
    const { service } = alert;
    const key = keyOf(alert);
    this.underWay.add(key);
    const settled = push
      .catch((error: unknown) => {
        this.logger.warn({ error }, 'unable to note what became of a push');
      })
      .finally(() => {
        this.underWay.delete(key);
        if (this.isMoreDue || this.slots.crowded.includes(service)) this.wake();
      });
    this.slots.add(service, settled);
  }

  private take(limit: number): Promise<Decisions & { readonly taken: number }> {
    return this.database.transaction().execute(async (queries) => {
      const services = [...this.outages.paused, ...this.slots.crowded];
      const due = await this.alerts.due(queries, services, limit);
      const isUnderWay = (alert: DueAlert) => this.underWay.has(keyOf(alert));
      await this.alerts.postpone(queries, due.filter(isUnderWay), INTERVAL_MS);
      const decisions = this.decide(due.filter((alert) => !isUnderWay(alert)));
      await this.alerts.hand(queries, decisions.alerts);
      await this.alerts.rest(queries, decisions.resting);
      await this.alerts.remove(queries, decisions.done);
      return { ...decisions, taken: due.length };
    });
  }

  private decide(due: readonly DueAlert[]): Decisions {
    const isLive = ({ user_id: userId, device_id: deviceId }: DueAlert) =>
      this.liveDevices.has({ userId, deviceId });
    const isReady = (alert: DueAlert): alert is ReadyAlert =>
      alert.news_seq !== null && !alert.is_silent && !isLive(alert);
    const others = due.filter((alert) => !isReady(alert));
    const stands = (alert: DueAlert) => alert.handed_seq > 0 && !alert.is_over;
    return {
      alerts: due.filter(isReady),
      // A client that is connected sees for itself what is over.
      closings: others.filter(
        (alert) => alert.is_over && !isLive(alert) && !REFUSES_SILENT_PUSHES.test(alert.service),
      ),
      resting: others.filter(stands),
      done: others.filter((alert) => !stands(alert)),
    };
  }

  private async sendAll(alerts: readonly ReadyAlert[]): Promise<void> {
    const messages = await this.alerts.messagesOf(alerts);
    for (const alert of alerts) {
      const message = messages.find(
        ({ chat_id: chatId, seq }) => chatId === alert.chat_id && seq === alert.news_seq,
      );
      if (message) this.begin(alert, this.send(alert, messagePayload(message, this.config.push)));
    }
  }

  private async send(alert: ReadyAlert, payload: PushPayload): Promise<void> {
    const reception = await this.delivery.deliver(alert, payload);
    this.noteHealth(alert, reception);
    if (reception.outcome === 'taken') {
      this.count('sent');
      if (alert.attempts > 0) await this.alerts.succeed(alert);
    } else if (reception.outcome === 'busy' && alert.attempts < MOST_ATTEMPTS) {
      this.count('retried');
      const { retryMs } = this.config.push;
      await this.alerts.retry(alert, retryDelayMs(retryMs, alert.attempts, reception.retryAfter));
    } else {
      await this.fail(alert, reception);
    }
  }

  /** Tried once: an alert that stays after it was read does its reader no harm. */
  private async close(alert: DueAlert): Promise<void> {
    const { chat_id: chatId, handed_seq: seq } = alert;
    const reception = await this.delivery.deliver(alert, { type: 'close', chatId, seq });
    this.noteHealth(alert, reception);
    if (reception.outcome === 'taken') this.count('closed');
    else await this.fail(alert, reception);
  }

  private async fail(
    { device_id: deviceId, endpoint }: DueAlert,
    { outcome, status }: Refusal,
  ): Promise<void> {
    this.count(outcome === 'busy' ? 'abandoned' : outcome);
    this.logger.debug({ deviceId, outcome, status }, 'a push was not taken');
    if (outcome === 'gone') await this.subscriptions.removeDead(deviceId, endpoint);
  }

  private count(outcome: PushOutcome): void {
    this.metrics.pushAnswered(outcome);
  }

  private noteHealth({ service }: DueAlert, reception: Reception): void {
    const isTrouble =
      reception.outcome === 'uncertain' ||
      (reception.outcome === 'busy' && reception.status !== 429);
    if (!isTrouble) this.outages.noteSuccess(service);
    else if (this.outages.noteFailure(service)) {
      this.logger.warn({ service }, 'a push service does not answer; it is left alone for a while');
    }
  }
}
