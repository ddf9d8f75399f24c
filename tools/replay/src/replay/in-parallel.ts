/**
 * Does the work for all items, at most `width` at once; the results are in the order of the items. After a failure no
 * further item is begun, and the failure is thrown once what had begun is over.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  // All workers take from the same iterator.
  const queue = items.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        results.set(index, await work(item, index));
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(width, items.length) }, worker);
  await Promise.allSettled(workers);
  await Promise.all(workers);
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}
