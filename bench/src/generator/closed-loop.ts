import { setTimeout as wait } from 'node:timers/promises';
import { cpuSecondsOf, cpuSecondsOfFamily } from '../processes/proc.js';
import type { ClosedLoop, LoadFigures } from './contract.js';
import { drain, since } from './drain.js';
import type { Traffic } from './traffic.js';

const MICROSECONDS = 1_000_000;

interface Reading {
  readonly atMs: number;
  readonly acknowledged: number;
  readonly delivered: number;
  readonly serverCpuSeconds: number;
  readonly databaseCpuSeconds: number;
  readonly generatorCpuSeconds: number;
}

function read(traffic: Traffic, { serverId, databaseId }: ClosedLoop): Reading {
  // The slow reading first: what follows is of one moment.
  const databaseCpuSeconds = databaseId === undefined ? 0 : cpuSecondsOfFamily(databaseId);
  const { acknowledged, delivered } = traffic.counts();
  const own = process.cpuUsage();
  return {
    atMs: performance.now(),
    acknowledged,
    delivered,
    serverCpuSeconds: cpuSecondsOf(serverId),
    databaseCpuSeconds,
    generatorCpuSeconds: (own.user + own.system) / MICROSECONDS,
  };
}

/** Keeps a fixed number of messages on their way, and measures between the warm-up and the end. */
export async function runClosedLoop(traffic: Traffic, options: ClosedLoop): Promise<LoadFigures> {
  const before = traffic.counts();
  let running = true;
  traffic.listener = {
    acknowledged: (sender) => {
      if (running) traffic.send(sender);
    },
  };
  for (let sent = 0; sent < options.outstanding; sent += 1) {
    const sender = traffic.senders[sent % traffic.senders.length];
    if (sender) traffic.send(sender);
  }
  await wait(options.warmUpMs);
  const start = read(traffic, options);
  await wait(options.measureMs);
  const end = read(traffic, options);
  running = false;
  await drain(traffic);
  return {
    seconds: (end.atMs - start.atMs) / 1000,
    acknowledged: end.acknowledged - start.acknowledged,
    delivered: end.delivered - start.delivered,
    serverCpuSeconds: end.serverCpuSeconds - start.serverCpuSeconds,
    databaseCpuSeconds: end.databaseCpuSeconds - start.databaseCpuSeconds,
    generatorCpuSeconds: end.generatorCpuSeconds - start.generatorCpuSeconds,
    run: since(before, traffic.counts()),
  };
}
