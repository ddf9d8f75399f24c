/** What a file is shown as; whatever is none of the others is a `file`. */
export type InspectedKind = 'image' | 'video' | 'audio' | 'file';

/** What a client says of a file; nothing of it is believed. */
export interface DeclaredFile {
  readonly fileName: string;
  readonly mimeType: string | undefined;
}

/** What a file is, judged from its content. Facts that could not be found are left out. */
export interface Inspection {
  readonly kind: InspectedKind;
  /** Of what others get: of `derived.display`, where there is one. */
  readonly mimeType: string;
  /** In pixels, as it is to be shown. */
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
  /** A ThumbHash in base64. */
  readonly thumbhash?: string;
  /** How loud each of up to 100 equal parts of a recording is; the loudest of all has 100. */
  readonly peaks?: readonly number[];
  readonly derived: {
    /** What others get instead of the file, without what the camera noted; of a picture, upright. */
    readonly display?: string;
    /** A small picture that does not move, as WebP. */
    readonly thumbnail?: string;
  };
}

/** What the processes that look into files are told and answer: one message each. */
export type Job =
  | { readonly task: 'identify'; readonly path: string }
  | {
      readonly task: 'image';
      readonly path: string;
      readonly display: string;
      readonly thumbnail: string;
      readonly mostPixels: number;
    }
  | { readonly task: 'poster'; readonly path: string; readonly thumbnail: string }
  | {
      readonly task: 'avatar';
      readonly path: string;
      readonly square: string;
      readonly mostPixels: number;
    }
  | { readonly task: 'recording'; readonly path: string }
  | { readonly task: 'withoutNotes'; readonly path: string; readonly display: string };

export interface JobResults {
  /** Absent: of no known form. `isText`: it begins as UTF-8 without control characters. */
  readonly identify: { readonly mimeType?: string; readonly isText: boolean };
  readonly image: {
    readonly mimeType: string;
    readonly width: number;
    readonly height: number;
    readonly thumbhash: string;
  };
  readonly poster: { readonly thumbhash: string };
  readonly avatar: Readonly<Record<string, never>>;
  readonly recording: { readonly durationMs?: number; readonly hasVideo?: boolean };
  /** Whether there was anything to leave out, and `display` therefore is there. */
  readonly withoutNotes: { readonly hadNotes: boolean };
}

/** `unreadable`: the file is broken. `tooManyPixels`: nothing of it was decoded. */
export type JobFailure = 'unreadable' | 'tooManyPixels';

export type JobAnswer<T = unknown> =
  | { readonly ok: true; readonly result: T }
  | { readonly ok: false; readonly failure: JobFailure; readonly reason: string };
