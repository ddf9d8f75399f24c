/**
 * The smallest server with an embedded database, run as a process of its own by the tests that kill it. Its one argument
 * is {@link ProgramOptions} in JSON; it writes {@link ProgramEvent}s as lines of JSON. SIGTERM stops it properly, SIGUSR2
 * makes it leave without stopping its database.
 */
import { startEmbeddedPostgres } from '../embedded-postgres.js';
import { messageOf } from '../embedded-postgres-error.js';
import { programOptions, type ProgramEvent } from './server-program-events.js';

const { dataFolder, settings } = programOptions.parse(JSON.parse(process.argv[2] ?? '{}'));

function tell(event: ProgramEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function log(message: string): void {
  tell({ event: 'log', message });
}

try {
  const database = await startEmbeddedPostgres({
    dataFolder,
    settings,
    logger: { info: log, warn: log, error: log },
  });
  database.onUnexpectedExit((reason) => tell({ event: 'unexpectedExit', reason }));
  process.once('SIGTERM', () => void database.stop().then(() => tell({ event: 'stopped' })));
  process.once('SIGUSR2', () => process.exit(0));
  tell({ event: 'ready', connection: database.connection, processId: database.processId });
} catch (error) {
  tell({ event: 'refused', message: messageOf(error) });
  process.exitCode = 1;
}
