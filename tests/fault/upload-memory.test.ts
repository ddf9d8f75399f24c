import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Media } from '@natter/protocol';
import { ChildServer, freshName, TestUser } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

const UPLOADS = 20;
const CHUNK = randomBytes(1024 * 1024);
const CHUNKS = 50;
/** Beyond what the server has when it is idle. */
const MOST_BYTES = 100 * 1024 * 1024;

let server: ChildServer;
let user: TestUser;

beforeAll(async () => {
  server = await ChildServer.prepare();
  await server.start();
  user = await TestUser.register(server.url, freshName());
});
afterAll(() => server.dispose());

/** Resident, of the server's own process. */
async function residentBytes(): Promise<number> {
  const status = await readFile(`/proc/${server.processId}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

function* form(): Generator<Buffer> {
  yield Buffer.from(
    '--b\r\ncontent-disposition: form-data; name="file"; filename="large.bin"\r\ncontent-type: application/octet-stream\r\n\r\n',
  );
  for (let index = 0; index < CHUNKS; index += 1) yield CHUNK;
  yield Buffer.from('\r\n--b--\r\n');
}

/** Uploads 50 MiB as they are made. */
async function upload(): Promise<Media> {
  const outgoing = request(`${server.url}/v1/media`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${user.token}`,
      'content-type': 'multipart/form-data; boundary=b',
    },
  });
  const answer = new Promise<Media>((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      response
        .toArray()
        .then((chunks: Buffer[]) => resolve(JSON.parse(Buffer.concat(chunks).toString()) as Media))
        .catch(reject);
    });
  });
  await pipeline(Readable.from(form()), outgoing);
  return answer;
}

it.runIf(process.platform === 'linux')(
  'MEDIA-1 20 uploads of 50 MiB at once take less than 100 MiB of memory',
  async () => {
    await upload();
    const idle = await residentBytes();
    let most = idle;
    const sampling = setInterval(() => {
      void residentBytes().then((now) => {
        most = Math.max(most, now);
      });
    }, 20);
    const uploads = await Promise.all(Array.from({ length: UPLOADS }, upload));
    clearInterval(sampling);
    expect(uploads.map(({ size }) => size)).toEqual(
      Array.from({ length: UPLOADS }, () => CHUNK.length * CHUNKS),
    );
    const hash = createHash('sha256');
    for (let index = 0; index < CHUNKS; index += 1) hash.update(CHUNK);
    const response = await user.fetch(uploads[0]?.url ?? '');
    expect(response.headers.get('etag')).toBe(`"${hash.digest('base64url')}"`);
    await response.arrayBuffer();
    expect(most - idle).toBeLessThan(MOST_BYTES);
  },
  300_000,
);
