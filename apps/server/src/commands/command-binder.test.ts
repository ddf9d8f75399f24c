import { randomUUID } from 'node:crypto';
import { type CommandName, commands, DeviceId, rateAllowances, UserId } from '@natter/protocol';
import { pino } from 'pino';
import { beforeEach, describe, expect, it, type Mock, vi } from 'vitest';
import * as z from 'zod/mini';
import { readConfig } from '../config/config.js';
import type { Caller } from '../identity/caller.js';
import type { RateLimits } from '../rates/rate-limits.js';
import { Metrics } from '../metrics/metrics.js';
import { NodeWork } from '../work/node-work.js';
import { CommandAdmission } from './command-admission.js';
import { CommandBinder } from './command-binder.js';
import { CommandSource } from './command-source.js';

const chatId = randomUUID();
const message = { chatId, clientMessageId: randomUUID(), text: 'hello' };

const caller: Caller = {
  userId: z.parse(UserId, randomUUID()),
  deviceId: z.parse(DeviceId, randomUUID()),
  session: { generation: 1, rotation: 0, expiresAt: 0 },
  socketId: 'a socket',
};

const handlers = Object.fromEntries(
  Object.keys(commands).map((name) => [name, vi.fn<() => unknown>()]),
) as unknown as Record<CommandName, Mock>;
const take = vi.fn<RateLimits['take']>();
const cut = vi.fn<() => void>();

let source: CommandSource;
beforeEach(() => {
  vi.resetAllMocks();
  take.mockReturnValue(0);
  source = new CommandSource(caller, cut);
});

function bind(variables = {}): CommandBinder {
  const logger = pino({ level: 'silent' });
  const config = readConfig(variables);
  const admission = new CommandAdmission(config, { take });
  return new CommandBinder(handlers, logger, admission, new NodeWork(config), new Metrics(config));
}

async function answerOf(binder: CommandBinder, name: string, payload: unknown): Promise<unknown> {
  const acknowledge = vi.fn<(answer: unknown) => void>();
  await binder.receive(source, name, [payload, acknowledge]);
  expect(acknowledge).toHaveBeenCalledOnce();
  return acknowledge.mock.calls[0]?.[0];
}

const refused = (retryAfterMs: number) => ({
  ok: false,
  error: { code: 'RATE_LIMITED', retryable: true, retryAfterMs },
});

describe('a command over its rate', () => {
  it('is refused with the time to wait, and not carried out', async () => {
    take.mockReturnValue(250);
    expect(await answerOf(bind(), 'sendMessage', message)).toMatchObject(refused(250));
    expect(take).toHaveBeenCalledWith(caller, 'send');
    expect(handlers.sendMessage).not.toHaveBeenCalled();
  });

  it('is refused in the same way where another process counts', async () => {
    take.mockResolvedValue(250);
    expect(await answerOf(bind(), 'sendMessage', message)).toMatchObject(refused(250));
  });

  it('TYP-1 is answered as a success without effect where its class is ignored', async () => {
    take.mockReturnValue(250);
    expect(await answerOf(bind(), 'typing', { chatId })).toEqual({ ok: true, data: {} });
    expect(handlers.typing).not.toHaveBeenCalled();
  });

  it('RCPT-1 is carried out where its class is gathered, and its handler is told', async () => {
    const data = {};
    handlers.messageSeen.mockResolvedValue(data);
    const binder = bind();
    const mark = { chatId, seq: 1 };
    expect(await answerOf(binder, 'messageSeen', mark)).toEqual({ ok: true, data });
    expect(handlers.messageSeen.mock.lastCall?.[0]).toEqual(caller);
    take.mockReturnValue(250);
    expect(await answerOf(binder, 'messageSeen', mark)).toEqual({ ok: true, data });
    expect(handlers.messageSeen.mock.lastCall?.[0]).toEqual({ ...caller, overRate: true });
  });
});

it('an unknown command counts, and is refused as any other', async () => {
  expect(await answerOf(bind(), 'nonsense', {})).toMatchObject({ error: { code: 'INVALID' } });
  take.mockReturnValue(250);
  expect(await answerOf(bind(), 'nonsense', {})).toMatchObject(refused(250));
});

describe('T46 commands in flight', () => {
  const { commandsInFlight } = rateAllowances;
  let finish: () => void;
  beforeEach(() => {
    const until = new Promise<void>((resolve) => {
      finish = resolve;
    });
    handlers.sendMessage.mockReturnValue(until);
  });

  it('are bounded for one socket and free again when they are answered', async () => {
    const binder = bind();
    const waiting = Array.from({ length: commandsInFlight }, () =>
      answerOf(binder, 'sendMessage', message),
    );
    await vi.waitFor(() => expect(source.inFlight).toBe(commandsInFlight));
    expect(await answerOf(binder, 'sendMessage', message)).toMatchObject(refused(1000));
    expect(source.inFlight).toBe(commandsInFlight);
    finish();
    await Promise.all(waiting);
    expect(source.inFlight).toBe(0);
    expect(await answerOf(binder, 'sendMessage', message)).toMatchObject({ ok: true });
  });

  it('are not bounded where the limits are off', async () => {
    const binder = bind({ NATTER_RATE_LIMITS: 'off' });
    const waiting = Array.from({ length: commandsInFlight + 1 }, () =>
      answerOf(binder, 'sendMessage', message),
    );
    await vi.waitFor(() => expect(source.inFlight).toBe(commandsInFlight + 1));
    finish();
    for (const answer of await Promise.all(waiting)) expect(answer).toMatchObject({ ok: true });
  });

  it('leave nothing behind, without an acknowledgement and where they fail', async () => {
    finish();
    const binder = bind();
    for (let count = 0; count < 10_000; count += 1) {
      await binder.receive(source, 'sendMessage', [count % 2 === 0 ? message : { text: 1 }]);
    }
    expect(source.inFlight).toBe(0);
  });
});

describe('T43 a socket that goes on and on over its rates', () => {
  const { excess } = rateAllowances;

  it.each(['sendMessage', 'typing', 'messageSeen', 'nonsense'])(
    'by %s is cut, once',
    async (name) => {
      vi.useFakeTimers({ toFake: ['performance'] });
      try {
        const binder = bind();
        take.mockReturnValue(250);
        for (let count = 0; count < excess; count += 1) await binder.receive(source, name, [{}]);
        expect(cut).not.toHaveBeenCalled();
        for (let count = 0; count < 10; count += 1) await binder.receive(source, name, [{}]);
        expect(cut).toHaveBeenCalledOnce();
      } finally {
        vi.useRealTimers();
      }
    },
  );

  it('is not cut while it keeps to them, however much it sends', async () => {
    const binder = bind();
    for (let count = 0; count < excess + 10; count += 1) {
      await binder.receive(source, 'sendMessage', [message]);
    }
    expect(cut).not.toHaveBeenCalled();
  });
});
