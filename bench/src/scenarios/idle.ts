import { setTimeout as wait } from 'node:timers/promises';
import { Inspector } from '../processes/inspector.js';
import type { MeasuredServer } from '../processes/measured-server.js';
import { cpuSecondsOf, residentBytesOf } from '../processes/proc.js';
import type { Generator } from '../processes/generator.js';

const WARM_UP_CONNECTIONS = 200;
const SETTLE_POLL_MS = 300;
const SETTLE_SAMPLES = 5;
const SETTLE_SHARE = 0.003;
const SETTLE_TIMEOUT_MS = 12_000;

export interface IdleFigures {
  readonly connections: number;
  readonly bytesPerConnection: number;
  readonly residentBefore: number;
  readonly residentAfter: number;
  readonly connectsPerSecond: number;
  readonly connectsPerCpuSecond: number;
  /** Both readings were stable; else the time was over first. */
  readonly settled: boolean;
}

interface Settled {
  readonly bytes: number;
  readonly settled: boolean;
}

/** Collects garbage until the memory stays within 0.3 % over five readings. */
async function settle(inspector: Inspector, processId: number): Promise<Settled> {
  const deadline = performance.now() + SETTLE_TIMEOUT_MS;
  const readings: number[] = [];
  for (;;) {
    await inspector.collectGarbage();
    await wait(SETTLE_POLL_MS);
    readings.push(residentBytesOf(processId));
    const recent = readings.slice(-SETTLE_SAMPLES);
    const bytes = Math.min(...recent);
    const settled =
      recent.length === SETTLE_SAMPLES && Math.max(...recent) - bytes <= bytes * SETTLE_SHARE;
    if (settled || performance.now() > deadline) return { bytes, settled };
  }
}

/**
 * Memory of a server for connections that do nothing. The server must be fresh and inspectable: one that was under
 * load has free memory that the connections would vanish in.
 *
 * @param tokens Of the users, who share the connections evenly.
 */
export async function runIdle(
  generator: Generator,
  server: MeasuredServer,
  tokens: readonly string[],
  connections: number,
): Promise<IdleFigures> {
  const { url, child, logFile } = server;
  const inspector = await Inspector.attach(logFile);
  // The code of the connect and disconnect paths is loaded and compiled by these.
  await generator.call('openIdle', { url, tokens, connections: WARM_UP_CONNECTIONS });
  await generator.call('closeIdle', {});
  const before = await settle(inspector, child.processId);
  const cpuSecondsBefore = cpuSecondsOf(child.processId);
  const opened = await generator.call('openIdle', { url, tokens, connections });
  const cpuSeconds = cpuSecondsOf(child.processId) - cpuSecondsBefore;
  const after = await settle(inspector, child.processId);
  await generator.call('closeIdle', {});
  inspector.close();
  return {
    connections,
    bytesPerConnection: (after.bytes - before.bytes) / connections,
    residentBefore: before.bytes,
    residentAfter: after.bytes,
    connectsPerSecond: connections / opened.seconds,
    connectsPerCpuSecond: connections / cpuSeconds,
    settled: before.settled && after.settled,
  };
}
