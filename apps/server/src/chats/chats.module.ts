import { Module } from '@nestjs/common';
import { MediaModule } from '../media/media.module.js';
import { StreamsModule } from '../streams/streams.module.js';
import { UsersModule } from '../users/users.module.js';
import { ChatListController } from './chat-list.controller.js';
import { ChatListRepository } from './chat-list.repository.js';
import { ChatListService } from './chat-list.service.js';
import { ChatsController } from './chats.controller.js';
import { ChatsGateway } from './chats.gateway.js';
import { ChatsPolicy } from './chats.policy.js';
import { ChatsRepository } from './chats.repository.js';
import { ChatsService } from './chats.service.js';
import { ClearingService } from './clearing.service.js';
import { DeparturesService } from './departures.service.js';
import { DraftsService } from './drafts.service.js';
import { GroupsController } from './groups.controller.js';
import { GroupsRepository } from './groups.repository.js';
import { GroupsService } from './groups.service.js';
import { InvitesController } from './invites.controller.js';
import { InvitesService } from './invites.service.js';
import { MembersController } from './members.controller.js';
import { MembersRepository } from './members.repository.js';
import { MembersService } from './members.service.js';
import { PreferencesController } from './preferences.controller.js';
import { PreferencesRepository } from './preferences.repository.js';
import { PreferencesService } from './preferences.service.js';

@Module({
  imports: [MediaModule, StreamsModule, UsersModule],
  controllers: [
    ChatsController,
    ChatListController,
    PreferencesController,
    GroupsController,
    InvitesController,
    MembersController,
  ],
  providers: [
    ChatsService,
    ChatsRepository,
    ChatListService,
    ChatListRepository,
    ChatsPolicy,
    ChatsGateway,
    ClearingService,
    DeparturesService,
    DraftsService,
    GroupsService,
    GroupsRepository,
    InvitesService,
    MembersService,
    MembersRepository,
    PreferencesService,
    PreferencesRepository,
  ],
  exports: [
    ChatsService,
    ChatsPolicy,
    ChatsGateway,
    MembersService,
    DeparturesService,
    DraftsService,
  ],
})
export class ChatsModule {}
