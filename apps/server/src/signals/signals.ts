import type { ChatId, EventPayload, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';

type SignalName = 'typing' | 'stopTyping' | 'userOnline' | 'userOffline' | 'userUpdated';

/** What is told to whoever is connected at this moment, and neither stored nor numbered. */
export type Signal = {
  [K in SignalName]: {
    readonly event: K;
    readonly payload: EventPayload<K>;
    /** The chats whose members are told; each of their sockets once. */
    readonly chatIds: readonly ChatId[];
    /** Users who are told, whatever chats they are in. */
    readonly toUserIds?: readonly UserId[];
    /** Whom it is about, and those between whom and him a block stands: their sockets are not told. */
    readonly exceptUserIds: readonly UserId[];
    /** Dropped for a socket that is still busy with what it was sent before. */
    readonly mayBeLost?: true;
  };
}[SignalName];

/** Carries signals from the features to the dispatcher. */
@Injectable()
export class Signals {
  private readonly listeners: ((signal: Signal) => void)[] = [];

  publish(signal: Signal): void {
    for (const listener of this.listeners) listener(signal);
  }

  subscribe(listener: (signal: Signal) => void): void {
    this.listeners.push(listener);
  }
}
