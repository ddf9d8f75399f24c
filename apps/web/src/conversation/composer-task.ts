import type { MessageItem } from '@natter/client';

/** What the composer is about, beside what is written in it. */
export type ComposerTask =
  | { readonly type: 'write' }
  | { readonly type: 'reply'; readonly message: MessageItem }
  | { readonly type: 'edit'; readonly message: MessageItem };
