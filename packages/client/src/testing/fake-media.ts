import type { Media, MediaId, MediaLink, User } from '@natter/protocol';
import { unreachable } from '../errors.js';
import { newId, toMediaId } from '../ids.js';
import { kindOf } from '../outbox/outbox-file.js';
import type { FileTransfer, UploadRequest } from '../uploads/file-transfer.js';
import { refuse } from './fake-chats.js';
import type { FakeWorld } from './fake-world.js';

const LINK_MS = 5 * 60 * 1000;

interface FakeUpload {
  readonly owner: User;
  receivedBytes: number;
  media: Media | undefined;
}

/** The files of a fake server: it believes what it is told of them, and forgets their bytes. */
export class FakeMedia {
  private readonly uploads = new Map<string, FakeUpload>();

  constructor(private readonly world: FakeWorld) {}

  /** @param arrives Fails where an upload is to fail, before the second half of what is missing has arrived. */
  transfer(arrives: (user: User) => void): FileTransfer {
    return {
      send: async (request) => {
        const { content, signal, progress } = request;
        const owner = this.world.users.get(await request.token()) ?? refuse('UNAUTHENTICATED');
        const [id, upload] = this.open(owner, request);
        progress(upload.receivedBytes);
        await Promise.resolve();
        if (signal.aborted) throw unreachable();
        upload.receivedBytes = Math.floor((upload.receivedBytes + content.size) / 2);
        progress(upload.receivedBytes);
        arrives(owner);
        upload.receivedBytes = content.size;
        upload.media ??= mediaOf(id, request);
        progress(content.size);
      },
      discard: async ({ id, token }) => {
        await token();
        this.uploads.delete(id);
      },
    };
  }

  /** @throws {ChatError} `NOT_FOUND` */
  find(id: string): Media {
    return this.uploads.get(id)?.media ?? refuse('NOT_FOUND');
  }

  own(user: User, ids: readonly string[]): Media[] {
    return ids.map((id) =>
      this.uploads.get(id)?.owner.id === user.id ? this.find(id) : refuse('NOT_FOUND'),
    );
  }

  links(ids: readonly string[]): MediaLink[] {
    const expiresAt = new Date(Date.parse(this.world.now()) + LINK_MS).toISOString();
    return ids.map((id) => ({
      id: toMediaId(id),
      url: `${this.find(id).url}?link=${expiresAt}`,
      expiresAt,
    }));
  }

  private open(owner: User, { id: known, begun }: UploadRequest): [MediaId, FakeUpload] {
    if (known !== undefined) return [known, this.uploads.get(known) ?? refuse('NOT_FOUND')];
    const id = toMediaId(newId());
    const upload: FakeUpload = { owner, receivedBytes: 0, media: undefined };
    this.uploads.set(id, upload);
    begun(id);
    return [id, upload];
  }
}

function mediaOf(id: MediaId, { content, metadata }: UploadRequest): Media {
  const { filename: fileName = '', filetype: mimeType = 'application/octet-stream' } = metadata;
  const voice = metadata['voice'] === 'true' ? ({ voice: true } as const) : {};
  const { size } = content;
  const kind = kindOf({ fileName, mimeType, size, ...voice });
  return { id, kind, mimeType, size, fileName, ...voice, url: `/v1/media/${id}/content` };
}
