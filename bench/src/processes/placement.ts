import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { coresIn, statusLine } from './proc.js';

/** Which core each process is kept on; without `cores` none is. */
export interface Placement {
  readonly cores?: { readonly generator: number; readonly server: number } | undefined;
  /** Why nothing is pinned; empty where it is. */
  readonly obstacle: string;
}

function hasTaskset(): boolean {
  return spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0;
}

/** The generator and the database share the first core that we may use; the server has the second for itself. */
export function choosePlacement({ pinned }: { readonly pinned: boolean }): Placement {
  if (!pinned) return { obstacle: 'as was asked' };
  const status = readFileSync('/proc/self/status', 'latin1');
  const [generator, server] = coresIn(statusLine(status, 'Cpus_allowed_list') ?? '');
  if (generator === undefined || server === undefined) {
    return { obstacle: 'there is only one core' };
  }
  if (!hasTaskset()) return { obstacle: 'taskset is not available' };
  return { cores: { generator, server }, obstacle: '' };
}

/** The command that runs a program on a core; `taskset` replaces itself by it, so the process id is the program's. */
export function onCore(core: number | undefined, command: readonly string[]): readonly string[] {
  return core === undefined ? command : ['taskset', '-c', String(core), ...command];
}

/** Moves a running process, with all its threads, to some cores. A process that is gone by now is left alone. */
export function moveToCores(cores: readonly number[], processId: number): void {
  spawnSync('taskset', ['-acp', cores.join(','), String(processId)], { stdio: 'ignore' });
}
