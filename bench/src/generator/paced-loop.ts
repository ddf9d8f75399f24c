import { pace } from '../pace.js';
import { percentile } from '../statistics.js';
import type { LatencyFigures, PacedLoop } from './contract.js';
import { drain, since } from './drain.js';
import { stampIn } from './frames.js';
import { sentAtMsOf } from './texts.js';
import type { Traffic } from './traffic.js';

/** Latencies of the messages that were sent from `startMs` on. */
interface Latencies {
  readonly startMs: number;
  readonly deliveries: number[];
  readonly acknowledgements: number[];
}

function listen(traffic: Traffic, { startMs, deliveries, acknowledgements }: Latencies): void {
  const note = (latencies: number[], sentAtMs: number): void => {
    if (sentAtMs >= startMs) latencies.push(performance.now() - sentAtMs);
  };
  traffic.listener = {
    acknowledged: (_, sentAtMs) => note(acknowledgements, sentAtMs),
    delivered: (frame) => {
      const stamp = stampIn(frame);
      if (stamp !== undefined) note(deliveries, sentAtMsOf(stamp));
    },
  };
}

/** Measures latency at a fixed rate; the senders take turns. */
export async function runPacedLoop(traffic: Traffic, options: PacedLoop): Promise<LatencyFigures> {
  const before = traffic.counts();
  const startMs = performance.now() + options.warmUpMs;
  const latencies: Latencies = { startMs, deliveries: [], acknowledgements: [] };
  listen(traffic, latencies);
  await pace(options.ratePerSecond, startMs + options.measureMs, (number) => {
    const sender = traffic.senders[number % traffic.senders.length];
    if (sender) traffic.send(sender);
  });
  const endMs = performance.now();
  await drain(traffic);
  const deliveries = latencies.deliveries.toSorted((a, b) => a - b);
  const acknowledgements = latencies.acknowledgements.toSorted((a, b) => a - b);
  return {
    messages: acknowledgements.length,
    seconds: (endMs - startMs) / 1000,
    deliveryP50Ms: percentile(deliveries, 0.5),
    deliveryP99Ms: percentile(deliveries, 0.99),
    acknowledgementP50Ms: percentile(acknowledgements, 0.5),
    acknowledgementP99Ms: percentile(acknowledgements, 0.99),
    run: since(before, traffic.counts()),
  };
}
