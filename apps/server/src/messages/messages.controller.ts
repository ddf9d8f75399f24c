import type { History, Message, MessageChange, RouteInput, RouteOutput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import type { Creation } from '../http/creation.js';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import { EditsService } from './edits.service.js';
import { ForwardsService, toDestinations } from './forwards.service.js';
import { MessagesService } from './messages.service.js';

@Controller()
export class MessagesController {
  constructor(
    private readonly messages: MessagesService,
    private readonly edits: EditsService,
    private readonly forwards: ForwardsService,
  ) {}

  @Route('getHistory')
  history(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...bounds }: RouteInput<'getHistory'>,
  ): Promise<History> {
    return this.messages.history(caller, id, bounds);
  }

  @Route('sendMessage')
  async send(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...content }: RouteInput<'sendMessage'>,
  ): Promise<Creation<RouteOutput<'sendMessage'>>> {
    const value = await this.messages.send(caller, { chatId: id, ...content });
    return { created: !value.duplicate, value };
  }

  @Route('getMessage')
  get(
    @FromCaller() caller: Caller,
    @FromRequest() { id }: RouteInput<'getMessage'>,
  ): Promise<Message> {
    return this.messages.get(caller, id);
  }

  @Route('editMessage')
  edit(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...edit }: RouteInput<'editMessage'>,
  ): Promise<MessageChange> {
    return this.edits.edit(caller, { messageId: id }, edit);
  }

  @Route('deleteMessage')
  async delete(
    @FromCaller() caller: Caller,
    @FromRequest() { id, scope }: RouteInput<'deleteMessage'>,
  ): Promise<void> {
    await this.edits.delete(caller, { messageId: id, chatId: undefined, scope });
  }

  @Route('forwardMessage')
  async forward(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...input }: RouteInput<'forwardMessage'>,
  ): Promise<RouteOutput<'forwardMessage'>> {
    const messages = await this.forwards.forward(caller, { messageId: id }, toDestinations(input));
    return { messages };
  }
}
