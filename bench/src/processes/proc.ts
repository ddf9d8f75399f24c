import { readdirSync, readFileSync } from 'node:fs';

/** Ticks per second of every time in `/proc`, on every Linux that user programs see. */
const USER_HZ = 100;
const PARENT = 1;
const USER_TIME = 11;
const SYSTEM_TIME = 12;
const ENDED_CHILDREN_TIMES = [13, 14];

/** The fields of `/proc/<id>/stat` after the name, which may itself hold spaces; none where the process is gone. */
function statFields(processId: number): string[] {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function secondsIn(fields: readonly string[], columns: readonly number[]): number {
  return columns.reduce((ticks, column) => ticks + Number(fields[column] ?? 0), 0) / USER_HZ;
}

/** CPU seconds, user and system, that a process has used in all its threads. */
export function cpuSecondsOf(processId: number): number {
  return secondsIn(statFields(processId), [USER_TIME, SYSTEM_TIME]);
}

/** The same of a process and its children, also of those that have ended meanwhile. */
export function cpuSecondsOfFamily(processId: number): number {
  const ended = secondsIn(statFields(processId), ENDED_CHILDREN_TIMES);
  return [processId, ...childrenOf(processId)].reduce((sum, id) => sum + cpuSecondsOf(id), ended);
}

export function allProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The processes whose parent this is. */
export function childrenOf(processId: number): number[] {
  return allProcesses().filter((candidate) => Number(statFields(candidate)[PARENT]) === processId);
}

/** The program and its arguments; empty where the process is gone. */
export function commandOf(processId: number): string[] {
  try {
    return readFileSync(`/proc/${processId}/cmdline`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

/** The environment that a process was started with, as `NAME=value`. */
export function environmentOf(processId: number): string[] {
  const environment = readFileSync(`/proc/${processId}/environ`, 'utf8');
  return environment.split('\0').filter((setting) => setting !== '');
}

/** One line of a status file, such as `VmRSS`, without its name. */
export function statusLine(text: string, name: string): string | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

/** Memory of a process that is in RAM, in bytes. */
export function residentBytesOf(processId: number): number {
  const kibibytes = statusLine(readFileSync(`/proc/${processId}/status`, 'latin1'), 'VmRSS');
  return Number.parseInt(kibibytes ?? '', 10) * 1024;
}

/** The cores that each thread of a process may run on, such as `1` or `0-1`; each answer once. */
export function affinitiesOf(processId: number): string[] {
  const tasks = readdirSync(`/proc/${processId}/task`);
  const found = tasks.map((task) => {
    const status = readFileSync(`/proc/${processId}/task/${task}/status`, 'latin1');
    return statusLine(status, 'Cpus_allowed_list') ?? '?';
  });
  return [...new Set(found)];
}

/** Reads a list of cores as Linux writes it, such as `0-2,5`. */
export function coresIn(list: string): number[] {
  const ranges = list.matchAll(/(\d+)(?:-(\d+))?/g);
  return [...ranges].flatMap(([, first, last = first]) => {
    const start = Number(first);
    return Array.from({ length: Number(last) - start + 1 }, (_, index) => start + index);
  });
}
