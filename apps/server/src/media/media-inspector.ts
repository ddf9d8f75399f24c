import type { MediaKind } from '@natter/protocol';

/** What a client says of a file. */
export interface DeclaredFile {
  readonly fileName: string;
  readonly mimeType: string | undefined;
}

/** What a file is, judged from its content, and what was made of it, beside it. */
export interface Inspection {
  readonly kind: MediaKind;
  readonly mimeType: string;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly durationMs?: number | undefined;
  /** In base64. */
  readonly thumbhash?: string | undefined;
  readonly peaks?: readonly number[] | undefined;
  readonly derived: {
    /** The file as others get it, where that is not the file as it came. */
    readonly display?: string | undefined;
    /** A small picture, as WebP. */
    readonly thumbnail?: string | undefined;
  };
}

/** Looks into files, which may be anything. */
export abstract class MediaInspector {
  /**
   * @param path Of the file, in a folder of its own, which goes when the upload is over.
   * @throws {NatterError} `UNSUPPORTED_MEDIA` where it is not what it is said to be.
   */
  abstract inspect(path: string, declared: DeclaredFile): Promise<Inspection>;
}

/** Takes every file for a file. */
export class PlainFiles extends MediaInspector {
  inspect(): Promise<Inspection> {
    return Promise.resolve({ kind: 'file', mimeType: 'application/octet-stream', derived: {} });
  }
}
