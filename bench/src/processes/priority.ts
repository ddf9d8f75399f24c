import { writeFileSync } from 'node:fs';

/** Far above everybody's 0, and not the utmost: the kernel's own work must go on. */
const NICE = '-15';

/**
 * Gives processes the larger share of their cores where others want them, too. Each is the head of a session, and so
 * of a group that the kernel schedules as one.
 *
 * @returns whether all were raised; it takes root, and a kernel with autogroups.
 */
export function raisePriority(processIds: readonly number[]): boolean {
  let raised = true;
  for (const processId of processIds) {
    try {
      writeFileSync(`/proc/${processId}/autogroup`, NICE);
    } catch {
      raised = false;
    }
  }
  return raised;
}
