import type { Session } from '@natter/protocol';
import { callRoute, freshName, PASSWORD } from '@natter/testing';
import { type Action, type RuleName, rules } from './actions.js';
import { Checks } from './checks.js';
import { type Answer, dataOf, LiveDevice } from './live-device.js';
import { requireEqual } from './mismatch.js';
import { Names } from './names.js';
import { type Context, type Door, pick, pickChat, pickMessage, type Plan } from './plan.js';
import { Step } from './step.js';
import { checkSync } from './sync-check.js';
import { type Chat, type Device, World } from './world.js';

const USERS = 3;
const SYNC_LIMITS = [1, 3, 100, 500];

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

/** One run: three people with two devices each do things to the server and to the model, which must agree after each. */
export class ModelRun {
  private readonly world = new World();
  private readonly names = new Names();
  private readonly live = new Map<string, LiveDevice>();
  /** What was done, for the message of a failure. */
  private readonly history: string[] = [];
  private turn = 0;

  constructor(
    private readonly url: string,
    private readonly sessions: readonly Session[],
  ) {}

  /** @throws {Mismatch} where the server and the model do not agree. */
  async perform(actions: readonly (Action | null)[]): Promise<void> {
    try {
      await this.begin();
      for (const action of actions) if (action) await this.act(action);
      await this.compareEverything();
      await this.fence();
    } catch (error) {
      const done = this.history.join('\n  ');
      throw new Error(`${String(error)}\nafter:\n  ${done}`, { cause: error });
    } finally {
      for (const device of this.live.values()) device.disconnect();
    }
  }

  /** Everybody has two devices, both connected, and there is a group of all. */
  private async begin(): Promise<void> {
    // Whatever is done in turn is done in the order of the names, so that a run is the same each time.
    for (const [index, session] of this.sessions.entries()) {
      await this.bringUser(`u${index}`, session);
    }
    await this.run('createGroup', 'u0d0', 'http', { a: 0, b: 6, c: 2 });
  }

  private async bringUser(name: string, session: Session): Promise<void> {
    this.names.bind(name, session.user.id);
    const first = this.bringDevice(`${name}d0`, name, session);
    await first.connect();
    const { body } = await callRoute(this.url, 'login', {
      body: { username: session.user.username, password: PASSWORD },
    });
    const userSeq = await first.firstUserSeq();
    this.world.users.set(name, { name, showsSeen: true, events: [], firstSeq: userSeq });
    const second = this.bringDevice(`${name}d1`, name, body);
    await second.connect();
    for (const device of this.world.devicesOf(name)) await this.synchronize(device, 100);
  }

  private bringDevice(name: string, user: string, session: Session): LiveDevice {
    this.names.bind(name, session.device.id);
    const device = new LiveDevice(this.url, name, this.names, session);
    const position = { at: 0, userSeq: 0, seqs: new Map<Chat, number>() };
    this.world.devices.set(name, { name, user, connected: true, revoked: false, position });
    this.live.set(name, device);
    return device;
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
        return this.connect(this.world.devicesOf(actor)[device] ?? used, numbers.a);
      case 'disconnect':
        return this.disconnect(used, numbers.a);
      case 'revoke':
        return this.revoke(used, alive);
      case 'readPage': {
        const chat = pickChat(this.context(used, 'http', numbers), numbers.a);
        if (chat) await this.checks(used).page(chat, numbers.b, numbers.c);
        return;
      }
      case 'readMessage': {
        const message = pickMessage(this.context(used, 'http', numbers));
        if (message) await this.checks(used).message(message);
      }
    }
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
    const door = HTTP_ONLY.has(rule) ? 'http' : wantedDoor;
    const context = this.context(device, door, numbers);
    const plan = rules[rule](context);
    if (!plan) return;
    const what = `${deviceName} ${rule} by ${door} ${JSON.stringify(plan[door])}`;
    this.history.push(what);
    await this.carryOut(plan, door, device, what);
    await this.afterwards(context.step, what);
  }

  private async carryOut(plan: Plan, door: Door, device: Device, what: string): Promise<void> {
    const live = this.liveOf(device.name);
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
      [...expected].map(([name, events]) => this.liveOf(name).receive(events, what)),
    );
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

  private async connect(device: Device, number: number): Promise<void> {
    if (device.connected) return;
    const live = this.liveOf(device.name);
    if (device.revoked) await this.loginAgain(device);
    await live.connect();
    device.connected = true;
    await this.synchronize(device, pick(SYNC_LIMITS, number) ?? 100);
  }

  private async loginAgain(device: Device): Promise<void> {
    const live = this.liveOf(device.name);
    const refused = await live.request('getOwnUser', {});
    requireEqual(refused, { code: 'DEVICE_REVOKED' }, `${device.name} without a session`);
    const { username } = live.session.user;
    const body = { username, password: PASSWORD, device: { id: this.names.idOf(device.name) } };
    live.session = (await callRoute(this.url, 'login', { body })).body;
    device.revoked = false;
    const step = new Step(this.world, undefined);
    step.own(device.user, 'deviceAdded', undefined, { device: device.name });
    await this.afterwards(step, `${device.name} logs in again`);
  }

  /** Either with the cursor of now, or with that of its last connection: what it was sent since comes again. */
  private async disconnect(device: Device, number: number): Promise<void> {
    if (!device.connected) return;
    if (number % 2 === 0) await this.synchronize(device, 500);
    this.liveOf(device.name).disconnect();
    device.connected = false;
  }

  private async synchronize(device: Device, limit: number): Promise<void> {
    const live = this.liveOf(device.name);
    await checkSync(this.world, this.names, live, device.user, device.position, limit);
    device.position = this.world.positionOf(device.user);
  }

  /** A device ends the session of the other, which is cut and told why. */
  private async revoke(by: Device, alive: readonly Device[]): Promise<void> {
    const other = alive.find(({ name }) => name !== by.name);
    if (!other) return;
    other.revoked = true;
    other.connected = false;
    const step = new Step(this.world, undefined);
    step.own(by.user, 'deviceRevoked', undefined, { deviceId: other.name });
    const answer = await this.liveOf(by.name).request('revokeDevice', {
      params: { id: other.name },
    });
    dataOf(answer, `${by.name} revokes ${other.name}`);
    await this.liveOf(other.name).untilEnded();
    await this.afterwards(step, `${by.name} revokes ${other.name}`);
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
        for (const device of devices) if (!device.revoked) await this.connect(device, next());
        const device = devices.find(({ revoked }) => !revoked);
        if (device) await this.checks(device).everything(next);
      }),
    );
  }

  private checks(device: Device): Checks {
    return new Checks(this.world, this.names, this.liveOf(device.name), device.user);
  }

  private deviceOf(name: string): Device {
    const device = this.world.devices.get(name);
    if (!device) throw new Error(`There is no device ${name}`);
    return device;
  }

  private liveOf(name: string): LiveDevice {
    const device = this.live.get(name);
    if (!device) throw new Error(`There is no device ${name}`);
    return device;
  }
}

const HTTP_ONLY: ReadonlySet<RuleName> = new Set<RuleName>([
  'setPreferences',
  'setPrivacy',
  'createDirect',
  'createGroup',
  'addMembers',
  'removeMember',
  'changeRole',
  'updateChat',
  'deleteChat',
  'invite',
]);
