import { DetailedError, Upload } from 'tus-js-client';
import { ChatError, toChatError, unreachable } from '../errors.js';
import { toMediaId } from '../ids.js';
import type { Uploads } from '../engine/uploads.js';
import { BlobReader, needsStreams } from './blob-reader.js';
import { failureOf } from './failure.js';
import type { FileTransfer, UploadRequest } from './file-transfer.js';
import { uploadsBy } from './uploads-by.js';

const PATH = '/v1/uploads';

export interface TusUploadsOptions {
  /**
   * The most bytes of one request, for where something before the server takes no large ones. Without it the rest of a
   * file is one request; whether it comes in parts or not, it goes on at the byte.
   */
  readonly chunkBytes?: number;
}

type UploadOptions = NonNullable<ConstructorParameters<typeof Upload>[1]>;

/** Never asked: where an upload goes on is the outbox's to know. */
const NO_STORAGE = {
  storeFingerprintForResuming: false,
  fingerprint: () => Promise.resolve(''),
  retryDelays: null,
};

/** Uploads by tus 1.0, in browsers and in Node. */
export function tusUploads(options: TusUploadsOptions = {}): Uploads {
  return uploadsBy(tusTransfer(options));
}

/** What `tusUploads` sends with, for a transfer of your own around it. */
export function tusTransfer({ chunkBytes = Infinity }: TusUploadsOptions = {}): FileTransfer {
  return {
    send: (request) => send(request, chunkBytes),
    discard: async ({ url, id, token }) => {
      const headers = { authorization: `Bearer ${await token()}` };
      await Upload.terminate(`${url}${PATH}/${id}`, { ...NO_STORAGE, headers });
    },
  };
}

function send(request: UploadRequest, chunkSize: number): Promise<void> {
  const { url, content, id, metadata, token, begun, progress, signal } = request;
  const reader = needsStreams() ? new BlobReader() : undefined;
  return new Promise((resolve, reject) => {
    const end = (error: ChatError): void => {
      signal.removeEventListener('abort', abort);
      reader?.end();
      reject(error);
    };
    const options: UploadOptions = {
      ...NO_STORAGE,
      chunkSize,
      metadata: { ...metadata },
      // An upload that is there goes on or fails; what then is not for this library to decide.
      ...(id === undefined ? { endpoint: url + PATH } : { uploadUrl: `${url}${PATH}/${id}` }),
      ...(reader && { fileReader: reader }),
      onBeforeRequest: async (sent) => {
        const value = await token();
        if (signal.aborted) throw unreachable();
        sent.setHeader('Authorization', `Bearer ${value}`);
      },
      onUploadUrlAvailable: () => {
        const last = upload.url?.split('/').at(-1);
        if (id === undefined && last !== undefined) begun(toMediaId(last));
      },
      onProgress: progress,
      onSuccess: () => {
        signal.removeEventListener('abort', abort);
        resolve();
      },
      onError: (error) =>
        end(error instanceof DetailedError ? failureOf(error) : toChatError(error)),
    };
    const upload = new Upload(content, options);
    const abort = (): void => {
      void upload.abort();
      end(unreachable());
    };
    reader?.onFailure((error) => {
      void upload.abort();
      end(toChatError(error));
    });
    if (signal.aborted) {
      reject(unreachable());
      return;
    }
    signal.addEventListener('abort', abort);
    upload.start();
  });
}
