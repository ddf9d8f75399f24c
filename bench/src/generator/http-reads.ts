import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { HttpReads, ReadFigures } from './contract.js';
import { type ReadOutcome, runReadLoop } from './read-loop.js';

const OK = 200;
const SHOWN = 200;

interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly ms: number;
}

/** Until the whole answer has come. */
async function get(url: string, path: string, token: string, agent: Agent): Promise<Answer> {
  const startMs = performance.now();
  const headers = { authorization: `Bearer ${token}` };
  const asked = request(`${url}${path}`, { agent, headers }).end();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve);
    asked.once('error', reject);
  });
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(response, 'end');
  const ms = performance.now() - startMs;
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks), ms };
}

/** The same questions by several people, over as many kept connections as there are questions at once. */
export async function runHttpReads(options: HttpReads): Promise<ReadFigures> {
  const { url, tokens, paths, concurrency } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  /** By path and reader. What they read is not changed meanwhile. */
  const lengths = new Map<string, number>();
  const read = async (number: number): Promise<ReadOutcome> => {
    const path = paths[number % paths.length] ?? '';
    const reader = number % tokens.length;
    const { status, body, ms } = await get(url, path, tokens[reader] ?? '', agent);
    const key = `${reader} ${path}`;
    const expected = lengths.get(key);
    if (expected === undefined && status === OK) lengths.set(key, body.length);
    const isRight = status === OK && (expected === undefined || expected === body.length);
    const wrongAnswer = isRight ? undefined : `${status} ${body.toString('utf8', 0, SHOWN)}`;
    return { ms, bytes: body.length, wrongAnswer };
  };
  try {
    return await runReadLoop(options, read);
  } finally {
    agent.destroy();
  }
}
