/** A PNG of one pixel. */
export const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** How a test uploads a file. */
export interface UploadOptions {
  readonly name?: string;
  readonly type?: string;
  /** Text fields, which come before the file. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** A form as browsers send it: text fields, then the file. */
export function uploadForm(
  content: string | Uint8Array<ArrayBuffer>,
  { name = 'file.bin', type = 'application/octet-stream', fields = {} }: UploadOptions = {},
): FormData {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  form.set('file', new File([content], name, { type }));
  return form;
}
