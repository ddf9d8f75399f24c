/** Shows a chat in a window that is open already, else in a new one. */
export async function openFromAlert(clients: Clients, chatId: string): Promise<void> {
  const path = `/c/${chatId}`;
  const [open] = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (!open) {
    await clients.openWindow(path);
    return;
  }
  // Where the browser keeps the window in the background, the chat is there when the user gets to it.
  await open.focus().catch(() => undefined);
  open.postMessage({ type: 'open', path }, []);
}
