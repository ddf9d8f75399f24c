import { type Media, MediaId, MediaKind } from '@natter/protocol';
import * as z from 'zod/mini';

/** What a message shows of a file: the JSON that the SQL function `media_view` makes. */
export const MediaView = z.object({
  id: MediaId,
  kind: MediaKind,
  mime_type: z.string(),
  file_name: z.string(),
  size: z.number(),
  width: z.nullable(z.number()),
  height: z.nullable(z.number()),
  duration_ms: z.nullable(z.number()),
  thumbhash: z.nullable(z.string()),
  voice: z.boolean(),
  peaks: z.nullable(z.array(z.number())),
  has_thumbnail: z.boolean(),
});
export type MediaView = z.output<typeof MediaView>;
const MediaViews = z.array(MediaView);

export function toMedia(view: MediaView): Media {
  const { id, kind, mime_type: mimeType, file_name: fileName, size } = view;
  return {
    id,
    kind,
    mimeType,
    size,
    fileName,
    ...(view.width !== null && { width: view.width }),
    ...(view.height !== null && { height: view.height }),
    ...(view.duration_ms !== null && { durationMs: view.duration_ms }),
    ...(view.thumbhash !== null && { thumbhash: view.thumbhash }),
    ...(view.voice && { voice: true as const }),
    ...(view.peaks !== null && { peaks: view.peaks }),
    url: `/v1/media/${id}/content`,
    ...(view.has_thumbnail && { thumbnailUrl: `/v1/media/${id}/thumbnail` }),
  };
}

/** The media of a message, in their order; `undefined` where it holds none, or somebody else has written them (G30). */
export function mediaOf(stored: unknown): Media[] | undefined {
  if (stored === null) return undefined;
  return z.safeParse(MediaViews, stored).data?.map(toMedia);
}
