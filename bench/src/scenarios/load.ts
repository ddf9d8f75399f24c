import type { ClosedLoop } from '../generator/contract.js';
import type { MeasuredServer } from '../processes/measured-server.js';
import type { Postgres } from '../processes/postgres.js';
import { type Repetition, repetitionOf } from '../repetition.js';
import type { Stage } from '../stage.js';

/** A closed loop against a server, and against the database behind it, where it has one. The connections must be open. */
export async function runLoad(
  stage: Stage,
  server: MeasuredServer & { readonly postgres?: Postgres | undefined },
  loop: Omit<ClosedLoop, 'serverId' | 'databaseId'>,
): Promise<Repetition> {
  const figures = await stage.load(server, loop.warmUpMs, () =>
    stage.generator.call('closedLoop', {
      ...loop,
      serverId: server.child.processId,
      databaseId: server.postgres?.processId,
    }),
  );
  return repetitionOf(figures);
}
