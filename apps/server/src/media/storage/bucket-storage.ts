import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  type MultipartUpload,
  NoSuchUpload,
  paginateListObjectsV2,
  ListMultipartUploadsCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import pLimit from 'p-limit';
import type { BucketConfig } from '../../config/config.js';
import type { ByteRange, MediaStorage, StoredFile } from './media-storage.js';
import { Spool, type SpooledFile } from './spool.js';

/** The smallest that S3 allows, since uploads under way hold two parts each in memory. */
const PART_BYTES = 5 * 1024 * 1024;
const UPLOADS_AT_ONCE = 3;
const CONNECTION_TIMEOUT_MS = 5000;
/** For one request: a part up, or the beginning of an answer. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Each download under way holds one, at the pace of its reader. */
const CONNECTIONS = 1000;

/**
 * The objects of an S3 bucket that holds nothing else. Content is gathered on the disk first, so that the bucket hears
 * only of what is whole, and a slow client holds neither memory nor one of the few uploads that run at once.
 */
export class BucketStorage implements MediaStorage {
  private readonly client: S3Client;
  private readonly uploads = pLimit(UPLOADS_AT_ONCE);

  constructor(
    private readonly config: BucketConfig,
    private readonly spool: Spool,
  ) {
    this.client = createClient(config);
  }

  async write(key: string, content: AsyncIterable<Uint8Array>): Promise<{ readonly size: number }> {
    const file = await this.spool.gather(content);
    try {
      await this.uploads(() => this.upload(key, file));
      return { size: file.size };
    } finally {
      await this.spool.remove(file);
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable | undefined> {
    const Range = range && `bytes=${range.start}-${range.end}`;
    try {
      const { Body } = await this.client.send(new GetObjectCommand({ ...this.named(key), Range }));
      if (Body instanceof Readable) return Body;
      throw new TypeError('the bucket gave an object without a stream');
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (hasStatus(error, 416)) return Readable.from([]);
      throw error;
    }
  }

  async size(key: string): Promise<number | undefined> {
    try {
      return (await this.client.send(new HeadObjectCommand(this.named(key)))).ContentLength;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    try {
      await this.client.send(new DeleteObjectCommand(this.named(key)));
    } catch (error) {
      // Not every server that speaks S3 takes this for done.
      if (!isMissing(error)) throw error;
    }
  }

  async *list(): AsyncIterable<StoredFile> {
    const pages = paginateListObjectsV2({ client: this.client }, { Bucket: this.config.name });
    for await (const { Contents } of pages) {
      for (const { Key, Size, LastModified } of Contents ?? []) {
        if (Key !== undefined && Size !== undefined && LastModified !== undefined) {
          yield { key: Key, size: Size, modifiedAt: LastModified };
        }
      }
    }
  }

  async removeUnfinished(before: Date): Promise<number> {
    let removed = await this.spool.removeOlder(before);
    for await (const { Key, UploadId, Initiated } of this.unfinishedUploads()) {
      if (Key === undefined || Initiated === undefined || Initiated >= before) continue;
      if (await this.abort(Key, UploadId)) removed += 1;
    }
    return removed;
  }

  async check(): Promise<void> {
    await this.client.send(new HeadBucketCommand({ Bucket: this.config.name }));
  }

  private named(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.config.name, Key: key };
  }

  private async upload(key: string, file: SpooledFile): Promise<void> {
    const Body = createReadStream(file.path);
    try {
      await new Upload({
        client: this.client,
        params: { ...this.named(key), Body },
        partSize: PART_BYTES,
        queueSize: 1,
      }).done();
    } finally {
      Body.destroy();
    }
  }

  private async *unfinishedUploads(): AsyncIterable<MultipartUpload> {
    let markers = {};
    for (;;) {
      const page = await this.client.send(
        new ListMultipartUploadsCommand({ Bucket: this.config.name, ...markers }),
      );
      yield* page.Uploads ?? [];
      if (!page.IsTruncated) return;
      markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
  }

  /** Whether it was there to be aborted. */
  private async abort(key: string, uploadId: string | undefined): Promise<boolean> {
    try {
      await this.client.send(
        new AbortMultipartUploadCommand({ ...this.named(key), UploadId: uploadId }),
      );
      return true;
    } catch (error) {
      if (error instanceof NoSuchUpload) return false;
      throw error;
    }
  }
}

function createClient(config: BucketConfig): S3Client {
  const { accessKeyId, secretAccessKey } = config;
  const agent = { keepAlive: true, maxSockets: CONNECTIONS };
  return new S3Client({
    region: config.region,
    endpoint: config.endpoint,
    forcePathStyle: config.pathStyle,
    // Without keys the SDK looks for those of the machine or container that it runs on.
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
    // Many servers that speak S3 do not know the checksums of the newer protocol.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === status;
}

/** A missing object; a missing bucket is a failure. */
function isMissing(error: unknown): boolean {
  return hasStatus(error, 404) && error instanceof Error && error.name !== 'NoSuchBucket';
}
