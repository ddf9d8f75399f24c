const FIELD = 'chat-search';

/** Marks the field of the chat list's search. */
export const chatSearchId = FIELD;

/** Puts the focus into the search of the chat list, as soon as it is there. */
export function focusChatSearch(): void {
  requestAnimationFrame(() => document.getElementById(FIELD)?.focus());
}

/** Whether the chat list is on the screen, and its search with it. */
export function isChatSearchShown(): boolean {
  return (document.getElementById(FIELD)?.offsetParent ?? null) !== null;
}
