import 'fake-indexeddb/auto';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deleteDB, openDB } from 'idb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { indexedDb } from '../indexeddb/index.js';
import { fileStore } from '../node/index.js';
import { type ClientStore, memoryStore } from './store.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'natter-store-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Kept = (name: string) => ClientStore;

const memories = new Map<string, ClientStore>();
function kept(name: string, store: ClientStore): ClientStore {
  memories.set(name, store);
  return store;
}
const kinds: [string, Kept][] = [
  ['memory', (name) => memories.get(name) ?? kept(name, memoryStore())],
  ['file', (name) => fileStore(join(folder, name, 'client.jsonl'))],
  ['IndexedDB', (name) => indexedDb({ name })],
];

async function allOf(store: ClientStore, prefix = ''): Promise<unknown> {
  return Object.fromEntries(await store.read(prefix));
}

describe.each(kinds)('the %s store', (_, open) => {
  it('keeps what was written, under prefixes', async () => {
    const name = randomUUID();
    const store = open(name);
    await store.write(
      new Map<string, unknown>([
        ['a/1', { text: 'one' }],
        ['a/2', [2, null, 'zwei']],
        ['b/1', true],
      ]),
    );
    await store.write(
      new Map<string, unknown>([
        ['a/1', undefined],
        ['a/3', 3],
      ]),
    );
    expect(await allOf(store, 'a/')).toEqual({ 'a/2': [2, null, 'zwei'], 'a/3': 3 });
    await store.close();
    const again = open(name);
    expect(await allOf(again)).toEqual({ 'a/2': [2, null, 'zwei'], 'a/3': 3, 'b/1': true });
    await again.close();
  });

  it('keeps files, under prefixes, until they are deleted', async () => {
    const name = randomUUID();
    const store = open(name);
    const content = new Blob([new Uint8Array(300_000).fill(7)], { type: 'image/png' });
    await store.files?.write('user/a/file/1/0', content);
    await store.files?.write('user/a/file/1/1', new Blob(['one']));
    await store.files?.write('user/a/file/1/1', new Blob(['another']));
    await store.files?.write('user/b/file/1', new Blob());
    await store.close();
    const again = open(name);
    const { files } = again;
    expect((await files?.keys('user/a/'))?.toSorted()).toEqual([
      'user/a/file/1/0',
      'user/a/file/1/1',
    ]);
    const kept = await files?.read('user/a/file/1/0');
    expect(kept?.size).toBe(300_000);
    expect(
      new Uint8Array((await kept?.arrayBuffer()) ?? new ArrayBuffer()).every((byte) => byte === 7),
    ).toBe(true);
    expect(await (await files?.read('user/a/file/1/1'))?.text()).toBe('another');
    await files?.delete('user/a/file/1/0');
    await files?.delete('user/a/file/1/0');
    expect(await files?.read('user/a/file/1/0')).toBeUndefined();
    expect(await files?.keys('user/')).toHaveLength(2);
    expect(await again.read('user/')).toEqual([]);
    await again.close();
  });

  it('writes at the same time one after the other', async () => {
    const store = open(randomUUID());
    const writes = Array.from({ length: 50 }, (_, index) =>
      store.write(
        new Map([
          ['last', index],
          [`row/${index}`, index],
        ]),
      ),
    );
    await Promise.all(writes);
    expect(await allOf(store, 'last')).toEqual({ last: 49 });
    expect(await store.read('row/')).toHaveLength(50);
    await store.close();
  });
});

describe('the file store', () => {
  it('takes a line that was cut off as not written', async () => {
    const path = join(folder, randomUUID());
    const store = fileStore(path);
    await store.write(new Map([['kept', 1]]));
    await store.close();
    await appendFile(path, '[["lost",2],["ke');
    const again = fileStore(path);
    expect(await allOf(again)).toEqual({ kept: 1 });
    await again.write(new Map([['more', 3]]));
    await again.close();
    const third = fileStore(path);
    expect(await allOf(third)).toEqual({ kept: 1, more: 3 });
    await third.close();
  });

  it('does not grow for ever', async () => {
    const path = join(folder, randomUUID());
    const store = fileStore(path);
    const rows = Array.from({ length: 2000 }, (_, index) => [`row/${index}`, index] as const);
    for (let turn = 0; turn < 20; turn += 1) await store.write(new Map(rows));
    const lines = (await readFile(path, 'utf8')).split('\n').length;
    expect(lines).toBeLessThan(20);
    expect(await store.read('row/')).toHaveLength(2000);
    await store.close();
  });

  it('is opened again where that failed', async () => {
    const place = join(folder, randomUUID());
    await writeFile(place, 'no folder');
    const store = fileStore(join(place, 'client.jsonl'));
    await expect(store.write(new Map([['a', 1]]))).rejects.toThrow(/EEXIST|ENOTDIR/);
    await rm(place);
    await store.write(new Map([['a', 2]]));
    expect(await allOf(store)).toEqual({ a: 2 });
    await store.close();
  });

  it('keeps nothing of a file that a process died over', async () => {
    const path = join(folder, randomUUID());
    const stalled = new Blob(['the first half']);
    stalled.stream = () =>
      new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(1000)) });
    void fileStore(path).files?.write('user/a/file/1', stalled);
    const place = `${path}.files`;
    await vi.waitFor(async () => expect(await readdir(place)).toHaveLength(1));
    // The next process.
    const { files } = fileStore(path);
    const writing = files?.write('user/a/file/2', new Blob(['whole']));
    expect(await files?.keys('user/')).not.toContain('user/a/file/1');
    await writing;
    expect(await files?.keys('user/')).toEqual(['user/a/file/2']);
    expect(await readdir(place)).toHaveLength(1);
  });

  it('is for its owner alone', async () => {
    const path = join(folder, randomUUID());
    const store = fileStore(path);
    await store.write(new Map([['session', 'secret']]));
    expect((await stat(path)).mode & 0o077).toBe(0);
    await store.close();
  });
});

describe('the store in IndexedDB', () => {
  it('is opened again where that failed', async () => {
    const name = randomUUID();
    // As of a later version of the application, which is taken back.
    const later = await openDB(name, 1000);
    later.close();
    const store = indexedDb({ name });
    await expect(store.read('')).rejects.toThrow('version');
    await deleteDB(name);
    await store.write(new Map([['a', 2]]));
    expect(await allOf(store)).toEqual({ a: 2 });
    await store.close();
  });
});
