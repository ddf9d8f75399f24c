/** Which part of all pushes under way may be of one service, so that a slow one leaves room for the others. */
const LARGEST_PART = 3 / 4;
/** Which part is taken at once: what is taken may all be of one service. */
const TAKEN_PART = 1 / 4;

/** The pushes that are under way. */
export class PushSlots {
  private readonly underWay = new Set<Promise<void>>();
  private readonly byService = new Map<string, number>();

  /** @param total How many may be under way at once. */
  constructor(private readonly total: number) {}

  /** How many pushes may be begun now. */
  get free(): number {
    return Math.min(this.total - this.underWay.size, this.mostAtOnce);
  }

  /** The services of which no more may be begun, whatever is free. */
  get crowded(): string[] {
    const most = Math.floor(this.total * LARGEST_PART) - this.mostAtOnce;
    return [...this.byService].flatMap(([service, count]) => (count > most ? [service] : []));
  }

  private get mostAtOnce(): number {
    return Math.max(1, Math.floor(this.total * TAKEN_PART));
  }

  /** Counts a push until it is over. */
  add(service: string, push: Promise<void>): void {
    this.byService.set(service, (this.byService.get(service) ?? 0) + 1);
    const counted = push.finally(() => {
      this.underWay.delete(counted);
      const left = (this.byService.get(service) ?? 0) - 1;
      if (left > 0) this.byService.set(service, left);
      else this.byService.delete(service);
    });
    this.underWay.add(counted);
  }

  /** Resolves when all that are under way now are over. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }
}
