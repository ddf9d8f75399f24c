import { fileURLToPath } from 'node:url';
import { mutants } from './mutants.js';
import { type Finding, PlantingGround } from './planting-ground.js';

// Compiled it stands in `node_modules/.cache`, and is run by npm from the root of the repository.
const repository = process.env['npm_package_json']
  ? fileURLToPath(new URL('.', `file://${process.env['npm_package_json']}`))
  : process.cwd();

function rowOf(bug: string, finding: Finding): string {
  const told =
    finding.kind === 'caught' ? [finding.test, finding.message] : ['**none**', finding.kind];
  return `| ${[bug, ...told].map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |\n`;
}

/** Plants the bugs whose names begin with one of the parameters, or all of them. Resolves with the exit status. */
async function main(wanted: readonly string[]): Promise<number> {
  const chosen = mutants.filter(
    ({ name }) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)),
  );
  const ground = await PlantingGround.make(repository);
  let missed = 0;
  try {
    process.stdout.write('| bug | test | message |\n|---|---|---|\n');
    for (const mutant of chosen) {
      const finding = await ground.tryOut(mutant);
      process.stdout.write(rowOf(mutant.bug, finding));
      if (finding.kind === 'broken') process.stderr.write(`${finding.message}\n`);
      if (finding.kind !== 'caught') missed += 1;
    }
  } finally {
    await ground.remove();
  }
  process.stdout.write(`\n${chosen.length - missed} of ${chosen.length} caught\n`);
  return missed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
