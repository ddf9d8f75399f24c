import { commands } from '@natter/protocol';
import { expect, it } from 'vitest';
import { applyAcknowledgement, applyEvent, type ClientState } from '../core/index.js';
import {
  ANNA,
  BEN,
  CHAT,
  chatAt,
  ME,
  messageId,
  said,
  stateWith,
  text,
} from '../core/testing/samples.js';
import { initialModel, type Model } from '../engine/model.js';
import { patchBetween, patched } from './model-patch.js';

const modelOf = (state: ClientState): Model => ({ ...initialModel, state });

/** What this device sent to a chat that it was not told of yet. */
const early = applyAcknowledgement(
  stateWith(),
  'sendMessage',
  commands.sendMessage.input.parse({
    chatId: CHAT,
    clientMessageId: messageId(2),
    text: 'text 2',
  }),
  { message: text(2, ME) },
);
const chat = stateWith(chatAt(1));

it.each<[string, ClientState, ClientState]>([
  ['a chat', stateWith(), chat],
  ['a message', chat, applyEvent(chat, said(text(2, ANNA)))],
  ['a chat that is gone', chat, stateWith()],
  ['what was done early', stateWith(), early],
  [
    'what was done early, when the chat comes',
    early,
    applyEvent(early, { event: 'chatAdded', payload: { userSeq: 1, chat: chatAt(1) } }),
  ],
  [
    'who types',
    chat,
    applyEvent(chat, { event: 'typing', payload: { chatId: CHAT, userId: ANNA } }),
  ],
  [
    'whom the user blocks',
    chat,
    applyEvent(chat, { event: 'userBlocked', payload: { userSeq: 1, userId: BEN } }),
  ],
])('a tab that follows is told of %s', (_, before, after) => {
  expect(patched(modelOf(before), patchBetween(modelOf(before), modelOf(after)))).toEqual(
    modelOf(after),
  );
});

it('what has not changed is not told again', () => {
  const after = applyEvent(chat, said(text(2, ANNA)));
  const { state } = patchBetween(modelOf(chat), modelOf(after));
  expect(state?.own).toEqual({});
  expect([...(state?.chats.get(CHAT)?.messages.keys() ?? [])]).toEqual([messageId(2)]);
});
