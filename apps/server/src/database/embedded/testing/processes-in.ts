import { readdir, readFile, readlink } from 'node:fs/promises';
import { runProgram } from '../run-program.js';

/** Ids of the processes that work in this folder, or (also outside Linux) name it on their command line. */
export async function processesIn(folder: string): Promise<number[]> {
  if (process.platform !== 'linux') return processesNaming(folder);
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const workingFolder = await readlink(`/proc/${entry}/cwd`).catch(() => '');
    const commandLine = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (workingFolder.startsWith(folder) || commandLine.includes(folder)) found.push(Number(entry));
  }
  return found;
}

async function processesNaming(folder: string): Promise<number[]> {
  const { output } = await runProgram('/bin/ps', ['-axww', '-o', 'pid=,command=']);
  const lines = output.split('\n').filter((line) => line.includes(folder));
  return lines.map((line) => Number.parseInt(line, 10));
}
