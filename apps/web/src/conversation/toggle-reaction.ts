import type { ChatHandle, MessageItem } from '@natter/client';

/** Reacts to a message, or takes the same reaction back. */
export function toggleReaction(handle: ChatHandle, message: MessageItem, emoji: string): void {
  const isMine = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.mine);
  void (isMine ? handle.unreact(message, emoji) : handle.react(message, emoji));
}
