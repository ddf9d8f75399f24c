import { randomUUID } from 'node:crypto';
import type { ChatId, CommandArguments, Message } from '@natter/protocol';
import type { TestServer, TestUser } from '@natter/testing';
import { ActingDevice } from './followers.js';
import { readSnapshot } from './snapshot.js';

type SendInput = Omit<CommandArguments<'sendMessage'>, 'chatId' | 'clientMessageId' | 'text'>;

/** A person on the stage: two devices that act and follow, and one that keeps nothing. */
export class Actor {
  private constructor(
    readonly devices: readonly [ActingDevice, ActingDevice],
    private readonly fresh: TestUser,
  ) {}

  static async enter(user: TestUser, random: () => number): Promise<Actor> {
    const [other, fresh] = [await user.otherDevice(), await user.otherDevice()];
    const [first, second] = await ActingDevice.start([user, other], random);
    if (!first || !second) throw new Error('two devices were to start');
    return new Actor([first, second], fresh);
  }

  get id() {
    return this.fresh.id;
  }

  /** The first device, which does most of what he does. */
  get one(): ActingDevice {
    return this.devices[0];
  }

  get two(): ActingDevice {
    return this.devices[1];
  }

  get http(): TestUser {
    return this.one.user;
  }

  async say(chatId: ChatId, text: string, input: SendInput = {}): Promise<Message> {
    const { message } = await this.one.command('sendMessage', {
      chatId,
      clientMessageId: randomUUID(),
      text,
      ...input,
    });
    return message;
  }

  async expectSnapshot(): Promise<void> {
    const snapshot = await readSnapshot(this.fresh);
    for (const device of this.devices) await device.expectSnapshot(snapshot);
  }

  leave(): void {
    for (const { user } of this.devices) user.disconnect();
  }
}

/** Three people with a group and a direct chat in which something has been said before anybody followed. */
export interface Stage {
  readonly anna: Actor;
  readonly ben: Actor;
  readonly cleo: Actor;
  /** Anna's. */
  readonly group: ChatId;
  readonly other: ChatId;
  /** Of Anna and Ben. */
  readonly direct: ChatId;
}

export async function setStage(server: TestServer, random: () => number): Promise<Stage> {
  const [anna, ben, cleo] = await Promise.all([server.user(), server.user(), server.user()]);
  const { id: group } = await anna.group([ben, cleo]);
  const { id: other } = await anna.group([ben, cleo], { title: 'The other' });
  const { id: direct } = await anna.direct(ben);
  const socket = await ben.connect();
  for (let index = 0; index < 10; index += 1) {
    await socket.send(group, `before ${index}`);
    await socket.send(direct, `before ${index}`);
  }
  ben.disconnect();
  return {
    anna: await Actor.enter(anna, random),
    ben: await Actor.enter(ben, random),
    cleo: await Actor.enter(cleo, random),
    group,
    other,
    direct,
  };
}

export const peopleOf = ({ anna, ben, cleo }: Stage): Actor[] => [anna, ben, cleo];

export type Scenario = (stage: Stage) => Promise<void>;
