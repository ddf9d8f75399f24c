import type { Uploads } from '@natter/client';

type FileUploader = ReturnType<Uploads['createUploader']>;
type UploadContext = Parameters<Uploads['createUploader']>[0];

const RETRY_MS = 5000;

/** Brings files to the server by code that comes when the first screen is there. */
class LazyUploader implements FileUploader {
  private uploader: FileUploader | undefined;
  private isStarted = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly context: UploadContext) {}

  start(): void {
    this.isStarted = true;
    clearTimeout(this.timer);
    this.load().then(
      (uploader) => {
        if (this.isStarted) uploader.start();
      },
      () => {
        // Without a network: what waits for it goes on waiting.
        if (this.isStarted) this.timer = setTimeout(() => this.start(), RETRY_MS);
      },
    );
  }

  stop(): void {
    this.isStarted = false;
    clearTimeout(this.timer);
    this.uploader?.stop();
  }

  private async load(): Promise<FileUploader> {
    const { tusUploads } = await import('@natter/client/uploads');
    this.uploader ??= tusUploads().createUploader(this.context);
    return this.uploader;
  }
}

/** `tusUploads()` of the SDK, which nothing on the first screen needs. */
export const lazyUploads: Uploads = { createUploader: (context) => new LazyUploader(context) };
