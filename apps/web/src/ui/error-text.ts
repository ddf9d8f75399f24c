import { ChatError } from '@natter/client';
import type { Say } from '../i18n/use-text.js';

/** What went wrong, in the user's words; the requester's own fault is told as the server told it. */
export function errorText(error: unknown, say: Say): string {
  if (!(error instanceof ChatError)) return say('error.unknown');
  switch (error.code) {
    case 'UNAUTHENTICATED':
      return say('error.credentials');
    case 'CONFLICT':
      return say('error.conflict');
    case 'RATE_LIMITED':
      return say('error.rateLimited', { seconds: Math.ceil((error.retryAfterMs ?? 1000) / 1000) });
    case 'UNAVAILABLE':
      return say('error.unavailable');
    case 'FORBIDDEN':
      return say('error.forbidden');
    case 'NOT_FOUND':
      return say('error.notFound');
    case 'TOO_LARGE':
      return say('error.tooLarge');
    case 'INVALID':
    case 'UNSUPPORTED_MEDIA':
    case 'DEVICE_REVOKED':
    case 'CLIENT_TOO_OLD':
      return error.message;
    case 'INTERNAL':
      return say('error.unknown');
  }
}
