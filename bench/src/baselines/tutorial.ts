import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { Socket } from 'socket.io';
import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, Repository } from 'typeorm';
import { isObjectOf, isString } from '../guards.js';

/**
 * A chat as the usual tutorial builds it with NestJS and an ORM: a gateway that saves an entity and emits it to the room.
 * No accounts, no membership, no order, no repeats recognized. What comes in the place of a token names the room. The
 * transport is configured as Natter configures it.
 */
@Entity()
class ChatMessage {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('uuid')
  chatId!: string;

  @Column('text')
  text!: string;

  @CreateDateColumn()
  createdAt!: Date;
}

interface NewMessage {
  readonly chatId: string;
  readonly text: string;
}

const isAuth = isObjectOf<{ readonly token: string }>({ token: isString });

@WebSocketGateway({ perMessageDeflate: false, httpCompression: false })
class ChatGateway {
  constructor(@InjectRepository(ChatMessage) private readonly messages: Repository<ChatMessage>) {}

  async handleConnection(client: Socket): Promise<void> {
    if (isAuth(client.handshake.auth)) await client.join(client.handshake.auth.token);
  }

  @SubscribeMessage('sendMessage')
  async sendMessage(
    @ConnectedSocket() client: Socket,
    @MessageBody() { chatId, text }: NewMessage,
  ): Promise<ChatMessage> {
    const message = await this.messages.save(this.messages.create({ chatId, text }));
    client.to(chatId).emit('newMessage', message);
    return message;
  }
}

const [host = '', port = '', user = '', database = ''] = process.argv.slice(2);

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      host,
      port: Number(port),
      username: user,
      database,
      entities: [ChatMessage],
      synchronize: true,
    }),
    TypeOrmModule.forFeature([ChatMessage]),
  ],
  providers: [ChatGateway],
})
class ChatModule {}

async function main(): Promise<void> {
  const application = await NestFactory.create<NestFastifyApplication>(
    ChatModule,
    new FastifyAdapter(),
    { logger: ['warn', 'error'] },
  );
  application.useWebSocketAdapter(new IoAdapter(application));
  await application.listen(0, '127.0.0.1');
  const address: unknown = application.getHttpServer().address();
  process.send?.(address);
}

process.on('disconnect', () => process.exit());
void main();
