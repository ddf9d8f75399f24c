import type { Media, RouteOutput } from '@natter/protocol';
import type { ChatContext } from '../chat.js';
import { invalid } from '../errors.js';
import { newId, toMediaId } from '../ids.js';
import { findFile } from '../outbox/files.js';
import { type Readable, select } from '../readable.js';
import { unhurried } from '../settlements.js';
import { pendingMedia, type UploadItem } from '../views/media-item.js';
import { type MediaLink, MediaLinks } from './media-links.js';
import { type NewFile, orderedFiles } from './new-file.js';
import { requireUploads } from './require-uploads.js';

/** An upload that is for no message. Like everything in the outbox, it goes on after a reload. */
export interface UploadTask {
  readonly key: string;
  /** `undefined` when it is done or given up. */
  readonly state: Readable<UploadItem | undefined>;
  /** Resolves when the file is on the server; rejects with its refusal, or where it was given up. */
  readonly done: Promise<Media>;
  cancel(): void;
}

/** Files: those on their way, by the `key` of their item, and those that the server has, by their `id`. */
export class MediaControl {
  private readonly links: MediaLinks;

  constructor(
    url: string,
    private readonly context: ChatContext,
  ) {
    this.links = new MediaLinks(url, context.brain, context.clock);
  }

  /**
   * Addresses that need no token for some minutes. What is asked for at the same time is asked of the server together, and
   * a link is kept until shortly before it expires.
   *
   * @throws {ChatError} `NOT_FOUND` where the user cannot see the file; at once where the server cannot be reached.
   */
  link(id: string): Promise<MediaLink> {
    return this.links.get(toMediaId(id));
  }

  /** The bytes of a file that is on its way from this device: for a preview. `undefined` for any other. */
  local(key: string): Promise<Blob | undefined> {
    return this.context.brain.readFile(key);
  }

  /** Uploads a file no further until `resume`. Its message waits, and what is behind it. */
  pause(key: string): void {
    this.context.brain.pauseFile(key);
  }

  resume(key: string): void {
    this.context.brain.resumeFile(key);
  }

  /**
   * Takes a file out of its message. A caption without files is sent as a text; a message of which nothing is left is given
   * up. It does nothing where the server may have the message already.
   */
  cancel(key: string): void {
    this.context.brain.cancelFile(key);
  }

  /** Uploads a file that is for no message: an avatar, or what a message names that the application makes itself. */
  upload(file: Blob | NewFile): UploadTask {
    requireUploads(this.context);
    const { brain, settlements } = this.context;
    const id = newId();
    const files = orderedFiles(id, [file]);
    const [key = ''] = files.map((ordered) => ordered.file.key);
    const settled = settlements.of(id);
    brain.order({ id, operation: { command: 'uploadFile', input: {} }, files });
    return {
      key,
      state: select(brain.model, ({ outbox, uploads }) => {
        const place = findFile(outbox, key);
        return place && pendingMedia(place.file, uploads.get(key)).upload;
      }),
      done: unhurried(
        settled.then(({ media }) => {
          if (!media) throw invalid('The server answered without the file');
          return media;
        }),
      ),
      cancel: () => this.cancel(key),
    };
  }

  /** Which devices have all of a file, the first one first; for who uploaded it. */
  downloads(id: string, cursor?: string): Promise<RouteOutput<'listMediaDownloads'>> {
    return this.context.brain.request('listMediaDownloads', {
      params: { id: toMediaId(id) },
      query: { cursor },
    });
  }
}
