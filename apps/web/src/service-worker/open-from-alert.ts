/** Shows a chat in a window that is open already, else in a new one. */
export async function openFromAlert(clients: Clients, chatId: string): Promise<void> {
  const path = `/c/${chatId}`;
  const [open] = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (!open) {
    await clients.openWindow(path);
    return;
  }
  await open.focus();
  open.postMessage({ type: 'open', path }, []);
}
