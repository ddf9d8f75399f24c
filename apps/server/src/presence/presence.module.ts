import { Module } from '@nestjs/common';
import { Connections } from './connections.js';

@Module({ providers: [Connections], exports: [Connections] })
export class PresenceModule {}
