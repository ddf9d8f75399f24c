/** @throws {TypeError} where the client was made without a way for files. */
export function requireUploads({ canUpload }: { readonly canUpload: boolean }): void {
  if (canUpload) return;
  throw new TypeError('Files need `uploads: tusUploads()` of @natter/client/uploads');
}
