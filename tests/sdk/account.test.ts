import { examplePushSubscription } from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PATIENCE, Stage } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ push: { loopback: true } });
});
afterAll(() => stage.close());

describe('devices', () => {
  it('are listed, renamed, and logged out one by one or all at once', async () => {
    const anna = await stage.client();
    const [phone, tablet, laptop] = [
      await stage.otherDevice(anna),
      await stage.otherDevice(anna),
      await stage.otherDevice(anna),
    ];
    const idOf = (client: typeof anna) =>
      client.devices.getSnapshot().find(({ current }) => current)?.id ?? '';
    await vi.waitFor(() => expect(anna.devices.getSnapshot()).toHaveLength(4), PATIENCE);
    await anna.devices.rename(idOf(phone), 'Phone');
    expect(anna.devices.getSnapshot().map(({ name }) => name)).toContain('Phone');
    await tablet.devices.load();
    expect(tablet.devices.getSnapshot().map(({ name }) => name)).toContain('Phone');
    await anna.devices.revoke(idOf(phone));
    await vi.waitFor(() => expect(phone.state.status).toBe('authRequired'), PATIENCE);
    await anna.devices.revokeOthers();
    for (const client of [tablet, laptop]) {
      await vi.waitFor(() => expect(client.state.status).toBe('authRequired'), PATIENCE);
    }
    await vi.waitFor(
      () => expect(anna.devices.getSnapshot()).toMatchObject([{ id: idOf(anna), current: true }]),
      PATIENCE,
    );
    expect(anna.state.status).toBe('live');
    await expect(anna.devices.revoke(idOf(phone))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(anna.devices.revoke('no id')).rejects.toMatchObject({ code: 'INVALID' });
  });
});

describe('pushes', () => {
  it('are subscribed to for this device, and ended', async () => {
    const anna = await stage.client();
    const enabled = () => anna.devices.getSnapshot().map(({ pushEnabled }) => pushEnabled);
    expect(await anna.push.publicKey()).toMatch(/^[\w-]{87}$/);
    await anna.push.subscribe(examplePushSubscription);
    expect(enabled()).toEqual([true]);
    await anna.push.unsubscribe();
    expect(enabled()).toEqual([false]);
    await expect(anna.push.subscribe({ endpoint: 'https://example.com' })).rejects.toMatchObject({
      code: 'INVALID',
    });
    await expect(
      anna.push.subscribe({ ...examplePushSubscription, endpoint: 'nonsense' }),
    ).rejects.toMatchObject({ code: 'INVALID', requestId: expect.any(String) });
  });
});

describe('the search', () => {
  it('finds messages page by page, in all chats or in one', async () => {
    const anna = await stage.client();
    const notes = await anna.chats.createDirect(anna.me.getSnapshot()?.id ?? '');
    const group = await anna.chats.createGroup({ title: 'Fruit' });
    for (const text of ['an apple', 'a pear', 'another apple']) await notes.send(text).sent;
    await group.send('apple pie').sent;
    await vi.waitFor(
      async () => expect((await anna.search.messages('apple')).items).toHaveLength(3),
      PATIENCE,
    );
    const first = await anna.search.messages('apple', { chatId: notes.id, limit: 1 });
    expect(first.items.map(({ message }) => message.text)).toEqual(['another apple']);
    const { nextCursor: cursor } = first;
    expect(cursor).toBeDefined();
    const second = await anna.search.messages('apple', { chatId: notes.id, limit: 1, cursor });
    expect(second.items.map(({ message }) => message.text)).toEqual(['an apple']);
    await expect(anna.search.messages(' ')).rejects.toMatchObject({ code: 'INVALID' });
  });
});
