import { Injectable } from '@nestjs/common';

/**
 * `sent`, `closed`: the push service took an alert, or that one is over. `retried`: it did not, and will be asked again.
 * `abandoned`: it did not, and is not asked again. `uncertain`: whether it did nobody knows. `rejected`: it refuses such
 * pushes. `gone`: it does not know the subscription any more. `forbidden`: its host is none to which pushes are sent.
 */
export const pushOutcomes = [
  'sent',
  'closed',
  'retried',
  'abandoned',
  'uncertain',
  'rejected',
  'gone',
  'forbidden',
] as const;
export type PushOutcome = (typeof pushOutcomes)[number];

/** What became of the pushes of this node since it started. */
@Injectable()
export class PushCounters {
  private readonly counts = new Map<PushOutcome, number>();

  count(outcome: PushOutcome): void {
    this.counts.set(outcome, this.of(outcome) + 1);
  }

  of(outcome: PushOutcome): number {
    return this.counts.get(outcome) ?? 0;
  }
}
