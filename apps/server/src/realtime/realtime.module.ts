import { type DynamicModule, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { CommandAdmission } from '../commands/command-admission.js';
import { CommandBinder } from '../commands/command-binder.js';
import { PresenceModule } from '../presence/presence.module.js';
import { ReceiptsModule } from '../receipts/receipts.module.js';
import { StreamsModule } from '../streams/streams.module.js';
import { SyncModule } from '../sync/sync.module.js';
import { Dispatcher } from './dispatcher.js';
import { Handshake } from './handshake.js';
import { MembershipsRepository } from './memberships.repository.js';
import { SocketServer } from './socket-server.js';

@Module({})
export class RealtimeModule {
  /**
   * @param features Modules that export the gateways which `commandHandlers` injects.
   * @param commandHandlers Provides `COMMAND_HANDLERS`.
   */
  static forRoot(
    features: NonNullable<ModuleMetadata['imports']>,
    commandHandlers: Provider,
  ): DynamicModule {
    return {
      module: RealtimeModule,
      imports: [...features, SyncModule, StreamsModule, ReceiptsModule, PresenceModule],
      providers: [
        SocketServer,
        Handshake,
        Dispatcher,
        MembershipsRepository,
        CommandBinder,
        CommandAdmission,
        commandHandlers,
      ],
    };
  }
}
