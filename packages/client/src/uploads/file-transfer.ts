import type { MediaId } from '@natter/protocol';

/** A file that is to be brought to the server. */
export interface UploadRequest {
  /** Of the server, without a slash at the end. */
  readonly url: string;
  readonly content: Blob;
  /** Of its upload, where that has begun before: it goes on at the byte where it was. */
  readonly id?: MediaId | undefined;
  /** Text by name, as the protocol's `UploadFields` with `filename` and `filetype`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** A valid access token, to be asked for each request. */
  readonly token: () => Promise<string>;
  /** The upload has an id from here on, to go on under it. */
  readonly begun: (id: MediaId) => void;
  /** Bytes of the file that were sent, as often as it likes. */
  readonly progress: (sentBytes: number) => void;
  /** Ends it; what has come stays on the server. */
  readonly signal: AbortSignal;
}

/** Brings the bytes of files to the server, one attempt at a time: when, and how often, is the uploader's to know. */
export interface FileTransfer {
  /**
   * One attempt. Resolves when the file is media of the server's.
   *
   * @throws {ChatError} `NOT_FOUND` where there is no upload of this id (any more); the server's refusal; a retryable one
   *   for anything that may be over later.
   */
  send(request: UploadRequest): Promise<void>;
  /** Removes from the server what has come of an upload that is given up. */
  discard(request: Pick<UploadRequest, 'url' | 'token'> & { readonly id: MediaId }): Promise<void>;
}
