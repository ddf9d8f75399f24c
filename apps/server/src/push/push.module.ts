import { Module } from '@nestjs/common';
import { CONFIG } from '../config/config.js';
import { DatabaseClock } from '../database/database-clock.js';
import { Database } from '../database/database.js';
import { PresenceModule } from '../presence/presence.module.js';
import { StreamsModule } from '../streams/streams.module.js';
import { AlertsRepository } from './alerts.repository.js';
import { PlanningRepository } from './planning.repository.js';
import { PushCloser } from './push-closer.js';
import { PushConnections } from './push-connections.js';
import { PushController } from './push.controller.js';
import { PushDelivery } from './push-delivery.js';
import { PushPlanner } from './push-planner.js';
import { PushSender } from './push-sender.js';
import { PushService } from './push.service.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';
import { readVapid, Vapid } from './vapid.js';

@Module({
  imports: [PresenceModule, StreamsModule],
  controllers: [PushController],
  providers: [
    PushService,
    PushPlanner,
    PushSender,
    PushCloser,
    PushDelivery,
    PushConnections,
    AlertsRepository,
    PlanningRepository,
    SubscriptionsRepository,
    { provide: Vapid, useFactory: readVapid, inject: [CONFIG, Database, DatabaseClock] },
  ],
})
export class PushModule {}
