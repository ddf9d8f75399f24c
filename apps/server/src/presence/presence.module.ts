import { Module } from '@nestjs/common';
import { ConnectedUsers } from './connected-users.js';

@Module({ providers: [ConnectedUsers], exports: [ConnectedUsers] })
export class PresenceModule {}
