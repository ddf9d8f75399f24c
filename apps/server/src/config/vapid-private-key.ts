import { createECDH } from 'node:crypto';

const BASE64URL_OF_32_BYTES = /^[A-Za-z0-9_-]{43}$/;

/** Whether it is base64url of a private key of P-256. */
export function isVapidPrivateKey(text: string): boolean {
  if (!BASE64URL_OF_32_BYTES.test(text)) return false;
  try {
    createECDH('prime256v1').setPrivateKey(Buffer.from(text, 'base64url'));
    return true;
  } catch {
    return false;
  }
}
