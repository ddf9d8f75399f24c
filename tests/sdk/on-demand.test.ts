import type { ChatClient, ChatHandle, Loadable, MessageItem, Person } from '@natter/client';
import { callRoute, freshName } from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { heldFetch } from './held-fetch.js';
import { directChat, PATIENCE, Stage, untilLive } from './stage.js';

/** As many as a chat's snapshot names. */
const NAMED = 20;
const PASSWORD = 'correct horse battery';

let stage: Stage;
let anna: ChatClient;
let ben: ChatClient;
beforeAll(async () => {
  stage = await Stage.open();
  [anna, ben] = [await stage.client(), await stage.client()];
});
afterAll(() => stage.close());

const follow = (value: Loadable<unknown>): (() => void) => value.subscribe(() => undefined);

async function register(): Promise<string> {
  const body = { username: freshName(), password: PASSWORD };
  return (await callRoute(stage.server.url, 'register', { body })).body.user.id;
}

/** A client that counts its requests to addresses with a word in them. */
function counted(word: string) {
  const asked: string[] = [];
  const counting: typeof fetch = (input, init) => {
    if (String(input).includes(word)) asked.push(String(input));
    return fetch(input, init);
  };
  return { asked, fetch: counting };
}

describe('a person who was never met', () => {
  it('is asked for while he is followed, with all others of the moment', async () => {
    const { asked, fetch } = counted('/v1/users?');
    const client = await stage.client({ fetch });
    const ids = await Promise.all([register(), register(), register()]);
    const people = ids.map((id) => client.users.person(id));
    expect(people.map((person) => person.getSnapshot())).toEqual([undefined, undefined, undefined]);
    asked.length = 0;
    const stops = people.map(follow);
    await vi.waitFor(
      () =>
        expect(people.map((person) => person.getSnapshot()?.id).toSorted()).toEqual(ids.toSorted()),
      PATIENCE,
    );
    expect(people[0]?.getSnapshot()?.displayName).not.toBe('');
    for (const stop of stops) stop();
    expect(asked).toHaveLength(1);
  });

  it('is asked for when the server is there again, and but once where there is none', async () => {
    const { asked, fetch } = counted('/v1/users?');
    const client = await stage.client({ fetch });
    const [id, nobody] = [await register(), '019f0000-0000-7000-8000-000000000000'];
    client.disconnect();
    asked.length = 0;
    const people: Loadable<Person | undefined>[] = [id, nobody].map((each) =>
      client.users.person(each),
    );
    people.map(follow);
    expect(asked).toEqual([]);
    client.connect();
    await vi.waitFor(() => expect(people[0]?.getSnapshot()?.id).toBe(id), PATIENCE);
    // Much happens meanwhile.
    const notes = await client.chats.createDirect(client.me.getSnapshot()?.id ?? '');
    await notes.send('one').sent;
    await notes.send('two').sent;
    expect(people[1]?.getSnapshot()).toBeUndefined();
    expect(asked.filter((address) => address.includes(nobody))).toHaveLength(1);
  });
});

describe('members of a large group', () => {
  it('are loaded when they are followed', async () => {
    const memberIds = await Promise.all(Array.from({ length: NAMED + 2 }, register));
    const group = await anna.chats.createGroup({ title: 'Many', memberIds });
    const device = await stage.otherDevice(anna);
    const members = device.chats.open(group.id).members;
    expect(members.getSnapshot()).toHaveLength(NAMED);
    follow(members);
    await vi.waitFor(() => expect(members.getSnapshot()).toHaveLength(NAMED + 3), PATIENCE);
    expect(device.chats.open(group.id).getSnapshot()?.memberCount).toBe(NAMED + 3);
  });
});

describe('pins and stars', () => {
  let chat: ChatHandle;
  let keys: string[];
  beforeAll(async () => {
    chat = await directChat(anna, ben);
    const sent = ['one', 'two', 'three'].map((text) => chat.send(text));
    await Promise.all(sent.map((each) => each.sent));
    keys = sent.map(({ key }) => key);
  });

  const textsOf = (value: Loadable<readonly MessageItem[] | undefined>) =>
    value.getSnapshot()?.map(({ text }) => text);

  it('pins are known of a chat of which nothing is loaded, and follow what happens', async () => {
    await chat.pin(keys[0] ?? '');
    await chat.pin(keys[1] ?? '');
    const device = await stage.otherDevice(ben);
    const { pins } = device.chats.open(chat.id);
    expect(pins.getSnapshot()).toBeUndefined();
    follow(pins);
    await vi.waitFor(() => expect(textsOf(pins)).toEqual(['two', 'one']), PATIENCE);
    // One's own pin, which no event brings back on the same connection, and one of a message that is not loaded.
    await chat.pins.load();
    await chat.unpin(keys[1] ?? '');
    await chat.pin(keys[2] ?? '');
    expect(textsOf(chat.pins)).toEqual(['three', 'one']);
    await vi.waitFor(() => expect(textsOf(pins)).toEqual(['three', 'one']), PATIENCE);
    const before = pins.getSnapshot();
    await chat.send('something else').sent;
    await vi.waitFor(
      () =>
        expect(device.chats.open(chat.id).getSnapshot()?.lastMessage?.text).toBe('something else'),
      PATIENCE,
    );
    expect(pins.getSnapshot()).toBe(before);
    // At once, before the server has heard of it.
    device.disconnect();
    void device.chats.open(chat.id).unpin(before?.[0]?.id ?? '');
    expect(textsOf(pins)).toEqual(['one']);
  });

  it('stars are known on a device that has loaded nothing, and follow what happens', async () => {
    await chat.star(keys[0] ?? '');
    const device = await stage.otherDevice(anna);
    const { stars } = device;
    expect(stars.getSnapshot()).toBeUndefined();
    follow(stars);
    await vi.waitFor(() => expect(textsOf(stars)).toEqual(['one']), PATIENCE);
    await chat.star(keys[1] ?? '');
    await vi.waitFor(() => expect(textsOf(stars)).toEqual(['two', 'one']), PATIENCE);
    await chat.deleteForEveryone(keys[1] ?? '');
    await vi.waitFor(() => expect(textsOf(stars)).toEqual(['one']), PATIENCE);
  });

  it('what cannot be loaded says so, and is loaded when it is asked for again', async () => {
    let isCut = true;
    const device = await stage.otherDevice(anna, {
      fetch: (input, init) =>
        isCut && String(input).includes('/stars')
          ? Promise.reject(new Error('cut'))
          : fetch(input, init),
    });
    await expect(device.stars.load()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    follow(device.stars);
    isCut = false;
    device.disconnect();
    device.connect();
    await untilLive(device);
    await vi.waitFor(() => expect(textsOf(device.stars)).toEqual(['one']), PATIENCE);
  });
});

describe('a list that was read before something changed it', () => {
  const shown = (list: Loadable<readonly MessageItem[] | undefined>) =>
    list.getSnapshot()?.map(({ text }) => text);

  it('of pins, is read again', async () => {
    const chat = await directChat(anna, await stage.client());
    const [one, two] = [await chat.send('one').sent, await chat.send('two').sent];
    await chat.pin(one.id);
    const { fetch, letGo, untilHeld } = heldFetch(`/v1/chats/${chat.id}/pins`);
    const device = await stage.otherDevice(anna, { fetch });
    const { pins } = device.chats.open(chat.id);
    const loading = pins.load();
    await untilHeld();
    await chat.unpin(one.id);
    await chat.pin(two.id);
    const seq = (client: ChatClient) => client.data.getSnapshot()?.chats.get(chat.id)?.lastSeq;
    await vi.waitFor(() => expect(seq(device)).toBe(seq(anna)), PATIENCE);
    letGo();
    await loading;
    expect(shown(pins)).toEqual(['two']);
  });

  it('of stars, is read again', async () => {
    const user = await stage.client();
    const notes = await user.chats.createDirect(user.me.getSnapshot()?.id ?? '');
    const [one, two] = [await notes.send('one').sent, await notes.send('two').sent];
    await notes.star(one.id);
    const { fetch, letGo, untilHeld } = heldFetch('/v1/users/me/stars');
    const device = await stage.otherDevice(user, { fetch });
    const told: unknown[] = [];
    device.on('messageStarred', (event) => told.push(event));
    const loading = device.stars.load();
    await untilHeld();
    await notes.unstar(one.id);
    await notes.star(two.id);
    await vi.waitFor(() => expect(told).toHaveLength(2), PATIENCE);
    letGo();
    await loading;
    expect(shown(device.stars)).toEqual(['two']);
  });
});
