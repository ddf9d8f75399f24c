import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';
import { AuthModule } from './auth/auth.module.js';
import { ChatsGateway } from './chats/chats.gateway.js';
import { ChatsModule } from './chats/chats.module.js';
import { COMMAND_HANDLERS } from './commands/command-binder.js';
import type { CommandHandlers } from './commands/command-handlers.js';
import { CONFIG, type Config } from './config/config.js';
import { JWT_SECRET, keptSecret } from './config/secret.js';
import { Cursors } from './cursors/cursors.js';
import { DatabaseClock, readDatabaseClock } from './database/database-clock.js';
import { Database } from './database/database.js';
import { Installation, readInstallation } from './database/installation.js';
import { openDatabase } from './database/open-database.js';
import { DocsModule } from './docs/docs.module.js';
import { ExportModule } from './export/export.module.js';
import { HealthModule } from './health/health.module.js';
import { SignedLinks } from './identity/signed-links.js';
import { createLogger, LOGGER } from './logging/logger.js';
import { MediaModule } from './media/media.module.js';
import { MessagesGateway } from './messages/messages.gateway.js';
import { MessagesModule } from './messages/messages.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { PinsGateway } from './pins/pins.gateway.js';
import { PinsModule } from './pins/pins.module.js';
import { PushModule } from './push/push.module.js';
import { ReactionsGateway } from './reactions/reactions.gateway.js';
import { ReactionsModule } from './reactions/reactions.module.js';
import { MemoryRateLimits } from './rates/memory-rate-limits.js';
import { RateLimits } from './rates/rate-limits.js';
import { RelayModule } from './relay/relay.module.js';
import { RealtimeModule } from './realtime/realtime.module.js';
import { ReceiptsGateway } from './receipts/receipts.gateway.js';
import { ReceiptsModule } from './receipts/receipts.module.js';
import { SearchModule } from './search/search.module.js';
import { StarsGateway } from './stars/stars.gateway.js';
import { StarsModule } from './stars/stars.module.js';
import { Signals } from './signals/signals.js';
import { SyncGateway } from './sync/sync.gateway.js';
import { SyncModule } from './sync/sync.module.js';
import { TypingGateway } from './typing/typing.gateway.js';
import { TypingModule } from './typing/typing.module.js';
import { WORKER_SEAT, type WorkerSeat } from './workers/worker-seat.js';
import { NodeWork } from './work/node-work.js';

/** What every part of the server may ask for. */
@Global()
@Module({})
class FoundationModule {
  static forRoot(config: Config, seat: WorkerSeat | undefined): DynamicModule {
    const providers: Provider[] = [
      { provide: CONFIG, useValue: config },
      { provide: WORKER_SEAT, useValue: seat },
      { provide: LOGGER, useFactory: () => createLogger(config) },
      { provide: Database, useFactory: openDatabase, inject: [CONFIG, LOGGER] },
      { provide: DatabaseClock, useFactory: readDatabaseClock, inject: [Database] },
      { provide: Installation, useFactory: readInstallation, inject: [Database] },
      { provide: JWT_SECRET, useFactory: () => config.jwtSecret ?? keptSecret(config.dataFolder) },
      Cursors,
      SignedLinks,
      { provide: RateLimits, useClass: MemoryRateLimits },
      Signals,
      NodeWork,
    ];
    return { module: FoundationModule, providers, exports: providers };
  }
}

/** Which gateway carries out which command. One that is missing here does not compile. */
function commandHandlers(
  chats: ChatsGateway,
  messages: MessagesGateway,
  pins: PinsGateway,
  reactions: ReactionsGateway,
  receipts: ReceiptsGateway,
  stars: StarsGateway,
  syncs: SyncGateway,
  typing: TypingGateway,
): CommandHandlers {
  return {
    joinChat: (caller, input) => messages.joinChat(caller, input),
    leaveChat: (caller, input) => chats.leaveChat(caller, input),
    sendMessage: (caller, input) => messages.sendMessage(caller, input),
    sendEncryptedMessage: (caller, input) => messages.sendEncryptedMessage(caller, input),
    sendMedia: (caller, input) => messages.sendMedia(caller, input),
    editMessage: (caller, input) => messages.editMessage(caller, input),
    deleteMessage: (caller, input) => messages.deleteMessage(caller, input),
    forwardMessage: (caller, input) => messages.forwardMessage(caller, input),
    messageDelivered: (caller, input) => receipts.messageDelivered(caller, input),
    messageSeen: (caller, input) => receipts.messageSeen(caller, input),
    addReaction: (caller, input) => reactions.addReaction(caller, input),
    removeReaction: (caller, input) => reactions.removeReaction(caller, input),
    pinMessage: (caller, input) => pins.pinMessage(caller, input),
    unpinMessage: (caller, input) => pins.unpinMessage(caller, input),
    starMessage: (caller, input) => stars.starMessage(caller, input),
    unstarMessage: (caller, input) => stars.unstarMessage(caller, input),
    setDraft: (caller, input) => chats.setDraft(caller, input),
    clearChat: (caller, input) => chats.clearChat(caller, input),
    sync: (caller, input) => syncs.sync(caller, input),
    typing: (caller, input) => typing.typing(caller, input),
    typing_start: (caller, input) => typing.typing(caller, input),
    stopTyping: (caller, input) => typing.stopTyping(caller, input),
    typing_stop: (caller, input) => typing.stopTyping(caller, input),
  };
}

/** The whole server as a module, to be started by `main.ts` or mounted in a Nest application on Fastify. */
@Module({})
export class NatterModule {
  /** @param seat Where it is one of several workers on this machine. */
  static forRoot(config: Config, seat?: WorkerSeat): DynamicModule {
    const features = [
      AuthModule,
      ChatsModule,
      MediaModule,
      MessagesModule,
      PinsModule,
      PushModule,
      ReactionsModule,
      ReceiptsModule,
      SearchModule,
      StarsModule,
      SyncModule,
      TypingModule,
    ];
    return {
      module: NatterModule,
      imports: [
        FoundationModule.forRoot(config, seat),
        MetricsModule,
        RelayModule,
        ...features,
        ExportModule,
        HealthModule,
        DocsModule,
        RealtimeModule.forRoot(features, {
          provide: COMMAND_HANDLERS,
          useFactory: commandHandlers,
          inject: [
            ChatsGateway,
            MessagesGateway,
            PinsGateway,
            ReactionsGateway,
            ReceiptsGateway,
            StarsGateway,
            SyncGateway,
            TypingGateway,
          ],
        }),
      ],
    };
  }
}
