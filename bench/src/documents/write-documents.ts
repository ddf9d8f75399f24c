import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GoalResult } from '../goals.js';
import { describeSpread } from '../report/parts.js';
import { isRunFile, type Summary } from './summary.js';
import { drawBars, drawCurves } from './svg.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PAGE = 'docs/performance.md';
const FOLDER = 'docs/performance';
const END = '<!-- end of figures -->';

const VERDICTS: Readonly<Record<GoalResult['verdict'], string>> = {
  reached: 'target reached',
  held: 'floor held',
  missed: '**below the floor**',
};

function beginOf(name: string): string {
  return `<!-- figures: ${name} -->`;
}

function goalsTable(goals: readonly GoalResult[]): string[] {
  if (goals.length === 0) return [];
  const rows = goals.map(({ name, better, ratio, floor, target, verdict }) => {
    const sign = better === 'more' ? '≥' : '≤';
    const measured = describeSpread(ratio, (value) => value.toFixed(2));
    return `| ${name} | ${measured} | ${sign} ${floor} | ${sign} ${target} | ${VERDICTS[verdict]} |`;
  });
  return ['| Ratio | Measured | Floor | Target | |', '|---|---|---|---|---|', ...rows, ''];
}

/** What stands in the page of one run, between its marks. */
export function pagePartOf({ name, goals, bars, curves, text }: Summary): string {
  const charts = [...bars, ...curves].map(
    ({ file, title, unit }) => `![${title}, ${unit}](performance/${name}-${file}.svg)`,
  );
  return [
    '',
    ...goalsTable(goals),
    ...charts.flatMap((chart) => [chart, '']),
    '```text',
    text.trim(),
    '```',
    '',
  ].join('\n');
}

/** @throws where the page has no place for such a run. */
export function putIntoPage(page: string, summary: Summary): string {
  const begin = beginOf(summary.name);
  const start = page.indexOf(begin);
  const end = page.indexOf(END, start);
  if (start === -1 || end === -1) {
    throw new Error(`Unable to write the figures; ${PAGE} has no place for a ${summary.name} run`);
  }
  return page.slice(0, start + begin.length) + pagePartOf(summary) + page.slice(end);
}

async function readSummary(file: string): Promise<{ summary: Summary; text: string }> {
  const text = await readFile(file, 'utf8');
  const found: unknown = JSON.parse(text);
  if (!isRunFile(found)) throw new Error(`${file} is not what --json writes`);
  if (!found.summary.valid) throw new Error(`${file} is void: not all of it was verified`);
  return { summary: found.summary, text };
}

/** Writes the figures of earlier runs into the page of the performance, and their plots and JSON beside it. */
export async function writeDocuments(files: readonly string[]): Promise<void> {
  const page = join(ROOT, PAGE);
  await mkdir(join(ROOT, FOLDER), { recursive: true });
  for (const file of files) {
    const { summary, text } = await readSummary(file);
    const folderFile = (name: string): string => join(ROOT, FOLDER, name);
    for (const chart of summary.bars)
      await writeFile(folderFile(`${summary.name}-${chart.file}.svg`), drawBars(chart));
    for (const chart of summary.curves) {
      await writeFile(folderFile(`${summary.name}-${chart.file}.svg`), drawCurves(chart));
    }
    await writeFile(folderFile(`${summary.name}.json`), text);
    await writeFile(page, putIntoPage(await readFile(page, 'utf8'), summary));
  }
}
