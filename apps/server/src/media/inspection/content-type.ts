import { supportedMimeTypes } from 'file-type';
import { NatterError } from '../../errors/natter-error.js';
import type { InspectedKind, JobResult } from './inspection.js';

/** What a file is by its content alone. */
export interface ContentType {
  readonly kind: InspectedKind;
  readonly mimeType: string;
}

const UNKNOWN = 'application/octet-stream';

/** Other names of types, each with the one used here. */
const aliases: Readonly<Record<string, string>> = {
  'binary/octet-stream': UNKNOWN,
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'image/apng': 'image/png',
  'image/x-bmp': 'image/bmp',
  'image/x-ms-bmp': 'image/bmp',
  'image/vnd.microsoft.icon': 'image/x-icon',
  'audio/mp3': 'audio/mpeg',
  'audio/x-mp3': 'audio/mpeg',
  'audio/x-mpeg': 'audio/mpeg',
  'audio/wave': 'audio/wav',
  'audio/x-wav': 'audio/wav',
  'audio/x-pn-wav': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'audio/x-aac': 'audio/aac',
  'audio/aacp': 'audio/aac',
  'audio/x-aiff': 'audio/aiff',
  'audio/m4a': 'audio/mp4',
  'audio/x-m4a': 'audio/mp4',
  'audio/opus': 'audio/ogg',
  'audio/x-matroska': 'audio/matroska',
  'video/x-m4v': 'video/mp4',
  'video/x-matroska': 'video/matroska',
  'video/x-msvideo': 'video/vnd.avi',
  'video/avi': 'video/vnd.avi',
  'video/msvideo': 'video/vnd.avi',
  'text/xml': 'application/xml',
  'text/rtf': 'application/rtf',
  'application/x-pdf': 'application/pdf',
  'application/x-gzip': 'application/gzip',
  'application/x-zip-compressed': 'application/zip',
  'application/vnd.rar': 'application/x-rar-compressed',
  'application/x-rar': 'application/x-rar-compressed',
  'application/vnd.sqlite3': 'application/x-sqlite3',
  'application/vnd.microsoft.portable-executable': 'application/x-msdownload',
};

/** Types of one container: which of them a file is, its first bytes do not say for certain. */
const families: readonly (readonly string[])[] = [
  [
    'video/mp4',
    'audio/mp4',
    'video/quicktime',
    'video/3gpp',
    'video/3gpp2',
    'audio/3gpp',
    'audio/aac',
  ],
  ['video/webm', 'audio/webm', 'video/matroska', 'audio/matroska'],
  ['audio/ogg', 'video/ogg', 'application/ogg'],
  ['image/heic', 'image/heif', 'image/heic-sequence', 'image/heif-sequence'],
  [
    'audio/x-ms-asf',
    'video/x-ms-asf',
    'application/vnd.ms-asf',
    'audio/x-ms-wma',
    'video/x-ms-wmv',
  ],
  [
    'application/x-cfb',
    'application/msword',
    'application/vnd.ms-excel',
    'application/vnd.ms-powerpoint',
    'application/vnd.ms-outlook',
  ],
];

const IMAGES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/avif'];
const ZIPPED =
  /^application\/(zip|.*\+zip|java-archive|vnd\..*(document|apple|android|office|template).*)$/;
const TEXT = /^text\/|^application\/(xml|json|javascript|rtf)$|\+(xml|json)$/;
const MEDIA = /^(image|audio|video)\//;

const recognizable = new Set([...supportedMimeTypes].map(nameOf));

/** A type by the one name that is used for it here, without parameters. */
export function nameOf(mimeType: string): string {
  const name = mimeType.split(';', 1).join('').trim().toLowerCase();
  return aliases[name] ?? name;
}

function areRelated(one: string, other: string): boolean {
  if (one === other) return true;
  if (ZIPPED.test(one) && ZIPPED.test(other)) return true;
  return families.some((family) => family.includes(one) && family.includes(other));
}

/** Whether content may be of the type that its sender declares. */
function fits({ mimeType, isText }: JobResult<'identify'>, declared: string): boolean {
  if (declared === '' || declared === UNKNOWN) return true;
  if (TEXT.test(declared)) return isText;
  if (mimeType === undefined) return !recognizable.has(declared);
  const content = nameOf(mimeType);
  if (areRelated(content, declared)) return true;
  // Of a type that is not recognized all that is sure is what it is not.
  return !recognizable.has(declared) && !MEDIA.test(declared);
}

function kindOf(name: string): InspectedKind {
  if (IMAGES.includes(name)) return 'image';
  if (name.startsWith('video/')) return 'video';
  return name.startsWith('audio/') || name === 'application/ogg' ? 'audio' : 'file';
}

/**
 * What a file is, after its content.
 *
 * @throws {NatterError} `UNSUPPORTED_MEDIA` where its sender declares something else.
 */
export function judge(content: JobResult<'identify'>, declared: string | undefined): ContentType {
  if (!fits(content, nameOf(declared ?? ''))) {
    throw new NatterError(
      'UNSUPPORTED_MEDIA',
      'The content of the file is not of the type that it is said to be',
    );
  }
  const { mimeType, isText } = content;
  if (mimeType === undefined) return { kind: 'file', mimeType: isText ? 'text/plain' : UNKNOWN };
  const name = nameOf(mimeType);
  return { kind: kindOf(name), mimeType: name };
}
