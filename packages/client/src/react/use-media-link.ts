import { useEffect, useState } from 'react';
import type { ChatClient } from '../client.js';
import { toChatError } from '../errors.js';
import type { MediaItem } from '../views/media-item.js';
import { useChatClient } from './provider.js';

/** What an `<img>`, a player or a download takes. */
export interface ShownLink {
  readonly url?: string;
  readonly thumbnailUrl?: string;
}

const NOTHING: ShownLink = {};
/** How often it is asked whether the link is still the same: the client keeps it until it is about to expire. */
const LOOK_MS = 15_000;
/** How long to wait before it is asked again where that failed. */
const RETRY_MS = 5000;

type Show = (link: ShownLink) => void;

/** Follows the links of a file that the server has. @returns what ends it. */
function followLinks(client: ChatClient, id: string, show: Show): () => void {
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const next = (delayMs: number): void => {
    if (!isOver) timer = setTimeout(ask, delayMs);
  };
  const ask = (): void => {
    client.media.link(id).then(
      ({ url, thumbnailUrl }) => {
        if (!isOver) show({ url, ...(thumbnailUrl !== undefined && { thumbnailUrl }) });
        next(LOOK_MS);
      },
      (thrown: unknown) => {
        if (toChatError(thrown).retryable) next(RETRY_MS);
      },
    );
  };
  ask();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

/** Shows the bytes that are on this device. @returns what ends it. */
function showLocal(client: ChatClient, key: string, show: Show): () => void {
  let isOver = false;
  client.media.local(key).then(
    (content) => {
      if (!isOver && content) show({ url: URL.createObjectURL(content) });
    },
    () => undefined,
  );
  return () => {
    isOver = true;
  };
}

/**
 * Addresses of a file for an `<img>`, a player or a download: of the bytes on this device while it is on its way, of the
 * server afterwards. Empty until they are there, and for a file that cannot be seen. Another link takes the place of one
 * that is about to expire; what plays is better left with the one that it began with.
 */
export function useMediaLink(media: MediaItem | undefined): ShownLink {
  const client = useChatClient();
  const [shown, show] = useState<{ readonly key?: string; readonly link: ShownLink }>({
    link: NOTHING,
  });
  const { key, id } = media ?? {};
  useEffect(() => {
    if (key === undefined) return undefined;
    const showOf: Show = (link) =>
      show((before) =>
        before.key === key && before.link.url === link.url ? before : { key, link },
      );
    return id === undefined ? showLocal(client, key, showOf) : followLinks(client, id, showOf);
  }, [client, key, id]);
  const { url } = shown.link;
  // What the next link replaces, or nobody shows any more.
  useEffect(
    () => () => {
      if (url?.startsWith('blob:')) URL.revokeObjectURL(url);
    },
    [url],
  );
  return shown.key === key ? shown.link : NOTHING;
}
