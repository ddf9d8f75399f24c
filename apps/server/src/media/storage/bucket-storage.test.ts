import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BucketConfig } from '../../config/config.js';
import { openMediaStorage } from './open-media-storage.js';
import { freshKey, inChunks, listed, someBytes } from './testing/contents.js';
import { storageContract } from './testing/storage-contract.js';
import { bucketAt, clientOf, createBucket, SwiftServer, swiftMissing } from './testing/swift.js';

const SWIFT_ROOT = process.env['TEST_SWIFT_ROOT'] ?? '/';
const missing = swiftMissing(SWIFT_ROOT);

let mediaFolder: string;

beforeEach(async () => {
  mediaFolder = await mkdtemp(join(tmpdir(), 'natter-bucket-'));
});

afterEach(() => rm(mediaFolder, { recursive: true, force: true }));

describe.skipIf(missing)(`a bucket, ${missing ?? 'in OpenStack Swift'}`, () => {
  let swift: SwiftServer;
  let client: S3Client;
  let bucket: BucketConfig;
  let buckets = 0;

  beforeAll(async () => {
    swift = await SwiftServer.start(SWIFT_ROOT);
  });

  afterAll(async () => {
    await swift?.stop();
  });

  beforeEach(async () => {
    buckets += 1;
    const name = `media-${buckets}`;
    client = clientOf(bucketAt(swift.endpoint, name));
    bucket = await createBucket(swift.endpoint, name);
  });

  afterEach(() => client.destroy());

  async function leaveUnfinished(): Promise<void> {
    const named = { Bucket: bucket.name, Key: freshKey() };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(named));
    await client.send(
      new UploadPartCommand({
        ...named,
        UploadId,
        PartNumber: 1,
        Body: someBytes(5 * 1024 * 1024),
      }),
    );
  }

  storageContract(() => ({ storage: openMediaStorage({ mediaFolder, bucket }), leaveUnfinished }));

  it('does not list what is not ours', async () => {
    await client.send(
      new PutObjectCommand({ Bucket: bucket.name, Key: 'someone/Elses.txt', Body: 'text' }),
    );
    await expect(listed(openMediaStorage({ mediaFolder, bucket }))).resolves.toEqual([]);
  });

  it('that is not there is an UNAVAILABLE storage, and nothing is taken for missing', async () => {
    const unknown = { ...bucket, name: 'no-such-bucket' };
    await expectUnavailable(openMediaStorage({ mediaFolder, bucket: unknown }));
  });
});

it('a bucket that cannot be reached is an UNAVAILABLE storage', async () => {
  const bucket = bucketAt('http://127.0.0.1:1', 'media');
  await expectUnavailable(openMediaStorage({ mediaFolder, bucket }));
});

async function expectUnavailable(storage: ReturnType<typeof openMediaStorage>): Promise<void> {
  const unavailable = { code: 'UNAVAILABLE' };
  await expect(storage.write(freshKey(), inChunks(someBytes(1)))).rejects.toMatchObject(
    unavailable,
  );
  await expect(storage.read(freshKey())).rejects.toMatchObject(unavailable);
  await expect(storage.delete(freshKey())).rejects.toMatchObject(unavailable);
  await expect(listed(storage)).rejects.toMatchObject(unavailable);
  await expect(storage.check()).rejects.toMatchObject(unavailable);
}
