import type { Session } from '@natter/protocol';
import { callRoute, freshName, PASSWORD, queryDatabase, type TestServer } from '@natter/testing';
import { type Action, type RuleName, rules } from './actions.js';
import { Checks } from './checks.js';
import { Connections } from './connections.js';
import { type Answer, dataOf, type LiveDevice } from './live-device.js';
import { requireEqual } from './mismatch.js';
import { Names } from './names.js';
import { type Context, type Door, pick, pickChat, pickMessage, type Plan } from './plan.js';
import { Step } from './step.js';
import { expireOne } from './timer-rules.js';
import { TypingWatch } from './typing-watch.js';
import { type Device, World } from './world.js';

const USERS = 3;

function isRule(kind: Action['kind']): kind is RuleName {
  return Object.hasOwn(rules, kind);
}

/** People of whom nobody has done anything yet, in the order of their ids. */
export async function newcomers(url: string): Promise<Session[]> {
  const sessions = await Promise.all(
    Array.from({ length: USERS }, async () => {
      const body = { username: freshName('model'), password: PASSWORD };
      return (await callRoute(url, 'register', { body })).body;
    }),
  );
  return sessions.toSorted((a, b) => (a.user.id < b.user.id ? -1 : 1));
}

/** Where the server is, and where what it keeps. */
export type Server = Pick<TestServer, 'url' | 'databaseUrl'>;

/** One run: three people with two devices each do things to the server and to the model, which must agree after each. */
export class ModelRun {
  private readonly world = new World();
  private readonly names = new Names();
  private readonly live = new Map<string, LiveDevice>();
  /** What was done, for the message of a failure. */
  private readonly history: string[] = [];
  private readonly databaseUrl: string;
  private readonly connections: Connections;
  private readonly typing: TypingWatch;
  private turn = 0;

  constructor(
    { url, databaseUrl }: Server,
    private readonly sessions: readonly Session[],
  ) {
    this.databaseUrl = databaseUrl;
    this.connections = new Connections(url, this.world, this.names, this.live, (step, what) =>
      this.afterwards(step, what),
    );
    this.typing = new TypingWatch(this.world, (name) => this.connections.liveOf(name));
  }

  /** @throws {Mismatch} where the server and the model do not agree. */
  async perform(actions: readonly (Action | null)[]): Promise<void> {
    try {
      await this.begin();
      for (const action of actions) if (action) await this.act(action);
      await this.typing.finish();
      await this.compareEverything();
      await this.fence();
    } catch (error) {
      const done = this.history.join('\n  ');
      throw new Error(`${String(error)}\nafter:\n  ${done}`, { cause: error });
    } finally {
      for (const device of this.live.values()) device.disconnect();
    }
  }

  /** Everybody has two devices, both connected, and there are a group of all and a direct chat. */
  private async begin(): Promise<void> {
    // Whatever is done in turn is done in the order of the names, so that a run is the same each time.
    for (const [index, session] of this.sessions.entries()) {
      await this.connections.bringUser(`u${index}`, session);
    }
    await this.run('createGroup', 'u0d0', 'http', { a: 0, b: 6, c: 2 });
    await this.run('createDirect', 'u0d0', 'http', { a: 0, b: 1, c: 0 });
  }

  private async act({ kind, user, device, door, ...numbers }: Action): Promise<void> {
    this.turn += 1;
    const actor = `u${user}`;
    const alive = this.world.devicesOf(actor).filter(({ revoked }) => !revoked);
    const used = pick(alive, device);
    if (!used) throw new Error(`${actor} has no device`);
    if (isRule(kind)) return this.run(kind, used.name, used.connected ? door : 'http', numbers);
    this.history.push(`${used.name} ${kind}`);
    switch (kind) {
      case 'connect':
        return this.connections.connect(this.world.devicesOf(actor)[device] ?? used, numbers.a);
      case 'disconnect':
        return this.connections.disconnect(used, numbers.a);
      case 'revoke':
        return this.connections.revoke(used, alive);
      case 'readPage': {
        const chat = pickChat(this.context(used, 'http', numbers), numbers.a);
        if (chat) await this.checks(used).page(chat, numbers.b, numbers.c);
        return;
      }
      case 'expire':
        return this.expire(numbers.a);
      case 'readMessage': {
        const message = pickMessage(this.context(used, 'http', numbers));
        if (message) await this.checks(used).message(message);
      }
    }
  }

  /** The time of a message is over: nobody is told, and nobody sees it (MSG-7). */
  private async expire(number: number): Promise<void> {
    const message = expireOne(this.world, (name) => this.names.knows(name), number);
    if (!message) return;
    const what = `${message.name} expires`;
    this.history.push(what);
    await queryDatabase(
      this.databaseUrl,
      `update messages set expires_at = created_at - interval '1 millisecond' where id = $1`,
      [this.names.idOf(message.name)],
    );
    const step = new Step(this.world, undefined);
    step.touched.add(message.chat);
    await this.afterwards(step, what);
  }

  private context(device: Device, door: Door, numbers: Pick<Action, 'a' | 'b' | 'c'>): Context {
    return {
      world: this.world,
      step: new Step(this.world, door === 'socket' ? device.name : undefined),
      actor: device.user,
      device: device.name,
      door,
      knows: (name) => this.names.knows(name),
      ...numbers,
    };
  }

  /** A command, what is answered, what everybody is sent, and what everybody sees then. */
  private async run(
    rule: RuleName,
    deviceName: string,
    wantedDoor: Door,
    numbers: Pick<Action, 'a' | 'b' | 'c'>,
  ): Promise<void> {
    const device = this.deviceOf(deviceName);
    const door = doorOf(rule, wantedDoor);
    if (door === 'socket' && !device.connected) return;
    const context = this.context(device, door, numbers);
    const plan = rules[rule](context);
    if (!plan) return;
    const what = `${deviceName} ${rule} by ${door} ${JSON.stringify(plan[door])}`;
    this.history.push(what);
    await this.carryOut(plan, door, device, what);
    await this.afterwards(context.step, what);
  }

  private async carryOut(plan: Plan, door: Door, device: Device, what: string): Promise<void> {
    const live = this.connections.liveOf(device.name);
    const { outcome, names } = plan;
    const answer = await this.ask(plan, door, live);
    if (!answer) throw new Error(`${what} has no such door`);
    if ('codes' in outcome) {
      const code = 'code' in answer ? answer.code : 'a success';
      const expected = outcome.codes.find((one) => one === code) ?? outcome.codes.join(' or ');
      requireEqual(code, expected, what);
      return;
    }
    const data = dataOf(answer, what);
    if (names) this.names.bind(names.name, String((data as Record<string, unknown>)[names.field]));
    if (outcome.answer === undefined) return;
    const quiet = plan.isQuiet ? undefined : (plan.httpAnswer ?? outcome.answer);
    requireEqual(this.names.toNames(data), door === 'http' ? quiet : outcome.answer, what);
  }

  private async ask(
    { socket, http }: Plan,
    door: Door,
    live: LiveDevice,
  ): Promise<Answer | undefined> {
    if (door === 'socket') return socket && live.command(...socket);
    return http && live.request(...http);
  }

  private async afterwards(step: Step, what: string): Promise<void> {
    const expected = step.expected();
    await Promise.all(
      [...expected].map(([name, events]) => this.connections.liveOf(name).receive(events, what)),
    );
    await this.typing.check(what, step.typed);
    await Promise.all(
      this.onlookers().flatMap((device) =>
        [...step.touched].map((chat) => this.checks(device).glance(chat, device.connected)),
      ),
    );
  }

  /** In turn two of the users look at what has changed, each by one of his devices in turn. */
  private onlookers(): Device[] {
    const users = [...this.world.users.keys()];
    return [0, 1].flatMap((offset) => {
      const user = pick(users, this.turn + offset);
      const alive = this.world.devicesOf(user ?? '').filter(({ revoked }) => !revoked);
      return pick(alive, this.turn) ?? [];
    });
  }

  /** Nothing more than the model says is on its way: what comes on each stream now is the next thing on it. */
  private async fence(): Promise<void> {
    for (const chat of this.world.chats) {
      const [user] = chat.members.keys();
      if (user === undefined) continue;
      const index = this.world.chatsOf(user).indexOf(chat);
      const device = this.world.devicesOf(user).find(({ revoked }) => !revoked);
      if (device)
        await this.run('sendMessage', device.name, 'http', { a: 8 * index + 1, b: 1, c: 1 });
    }
    for (const user of this.world.users.keys()) {
      const device = this.world.devicesOf(user).find(({ revoked }) => !revoked);
      if (device) {
        const c = this.world.user(user).showsSeen ? 1 : 0;
        await this.run('setPrivacy', device.name, 'http', { a: 0, b: 0, c });
      }
    }
  }

  private async compareEverything(): Promise<void> {
    let numbers = this.turn;
    const next = (): number => (numbers += 7);
    await Promise.all(
      [...this.world.users.keys()].map(async (user) => {
        const devices = this.world.devicesOf(user);
        for (const device of devices)
          if (!device.revoked) await this.connections.connect(device, next());
        const device = devices.find(({ revoked }) => !revoked);
        if (device) await this.checks(device).everything(next);
      }),
    );
  }

  private checks(device: Device): Checks {
    return new Checks(this.world, this.names, this.connections.liveOf(device.name), device.user);
  }

  private deviceOf(name: string): Device {
    const device = this.world.devices.get(name);
    if (!device) throw new Error(`There is no device ${name}`);
    return device;
  }
}

const HTTP_ONLY: ReadonlySet<RuleName> = new Set<RuleName>([
  'setPreferences',
  'setPrivacy',
  'setTimer',
  'block',
  'unblock',
  'createDirect',
  'createGroup',
  'addMembers',
  'removeMember',
  'changeRole',
  'updateChat',
  'deleteChat',
  'invite',
]);

function doorOf(rule: RuleName, wanted: Door): Door {
  if (HTTP_ONLY.has(rule)) return 'http';
  return rule === 'type' ? 'socket' : wanted;
}
