import type { Placement } from '../processes/placement.js';
import type { Figures } from '../figures.js';
import type { Affinities } from '../stage.js';
import { whole } from './parts.js';

function describeAffinities(found: Affinities, { cores }: Placement): string {
  const { natter, rawEcho, generator, database } = found;
  const isAsAsked =
    !cores ||
    ([natter, rawEcho].every((list) => list === String(cores.server)) &&
      [generator, database].every((list) => list === String(cores.generator)));
  const remark = isAsAsked ? '' : ': NOT AS ASKED';
  return (
    `found: Natter on ${natter}, raw echo on ${rawEcho}, generator on ${generator}, ` +
    `the ${found.databaseProcesses} processes of PostgreSQL on ${database}${remark}`
  );
}

/** The machine, what was asked for, and how the server was found to be. */
export function describeSetting(figures: Figures): string {
  const { host, placement, priority, configuration, found, durable, logins } = figures;
  const { cores } = placement;
  const exception = logins ? ' (in the logins scenario nothing is pinned)' : '';
  const lines = [
    `Node ${host.node}, ${host.cores} cores (${host.model}), Linux ${host.kernel}, load ${host.loadAtStart.toFixed(1)} at the start`,
    cores
      ? `asked: server on core ${cores.server}; generator and PostgreSQL on core ${cores.generator}${exception}`
      : `nothing is pinned: ${placement.obstacle}`,
    ...(durable ? [describeAffinities(durable.affinities, placement)] : []),
    `${configuration.pairs} pairs, bodies of ${configuration.bodyBytes} bytes, ${configuration.outstanding} messages on their way ` +
      `(raw: ${configuration.rawOutstanding})`,
    ...(found
      ? [
          `found at the server: ${found.behaviour.join(', ')}`,
          `found in its environment: ${found.environment.join(', ')}`,
          `found in its database: ${found.database.join(', ')}`,
        ]
      : []),
    `at most ${whole(host.openFiles)} open files a process; priority ${priority}`,
    ...(host.dataInMemory ? ['THE DATA FOLDER IS IN RAM: flushes to disk cost nothing here'] : []),
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}
