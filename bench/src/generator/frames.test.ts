import { describe, expect, test } from 'vitest';
import {
  acknowledgedNumber,
  connectFrame,
  countIn,
  cursorIn,
  hasMoreIn,
  isAccepted,
  kindOf,
  messageIdIn,
  sendFrame,
  seqIn,
  stampIn,
} from './frames.js';

const ID = '0199d1f2-7a3b-7c4d-8e5f-0123456789ab';
const accepted = Buffer.from(
  `43128[{"ok":true,"data":{"message":{"id":"${ID}","chatId":"c","seq":42,"text":"0017 \\"seq\\":9"}}}]`,
);
const refused = Buffer.from('4370[{"ok":false,"error":{"code":"NOT_FOUND"}}]');

describe('kindOf', () => {
  test.each([
    ['0{"sid":"x"}', 'opened'],
    ['2', 'ping'],
    ['40{"sid":"x"}', 'connected'],
    ['44{"message":"no"}', 'refused'],
    ['42["newMessage",{}]', 'newMessage'],
    ['42["newMedia",{}]', 'otherEvent'],
    ['42["n', 'otherEvent'],
    ['430[]', 'acknowledgement'],
    ['41', 'other'],
    ['6', 'other'],
    ['', 'other'],
  ])('%s is %s', (text, kind) => {
    expect(kindOf(Buffer.from(text))).toBe(kind);
  });
});

describe('an acknowledgement', () => {
  test('names the command that it answers', () => {
    expect(acknowledgedNumber(accepted)).toBe(128);
    expect(acknowledgedNumber(refused)).toBe(70);
  });

  test('is accepted only where it says so', () => {
    expect(isAccepted(accepted)).toBe(true);
    expect(isAccepted(refused)).toBe(false);
    expect(isAccepted(Buffer.from('431'))).toBe(false);
  });

  test('carries the id and the seq of the message', () => {
    expect(messageIdIn(accepted)).toBe(ID);
    expect(seqIn(accepted)).toBe(42);
    expect(seqIn(refused)).toBeUndefined();
    expect(messageIdIn(refused)).toBeUndefined();
  });
});

test('an answer to a sync has a cursor, and says whether it is the last', () => {
  const page = Buffer.from(
    '431[{"ok":true,"data":{"entries":[{"event":"newMessage"},{"event":"newMessage"}],"cursor":"abc","hasMore":true,"reset":false}}]',
  );
  expect(cursorIn(page)).toBe('abc');
  expect(hasMoreIn(page)).toBe(true);
  expect(hasMoreIn(Buffer.from('431[{"data":{"hasMore":false}}]'))).toBe(false);
  expect(countIn(page, Buffer.from('"event":"newMessage"'))).toBe(2);
  expect(() => cursorIn(refused)).toThrow(TypeError);
});

test('a stamp is the number that the text begins with', () => {
  expect(stampIn(accepted)).toBe(17);
  expect(stampIn(refused)).toBeUndefined();
});

test('what is sent is what Socket.IO reads', () => {
  expect(connectFrame({ token: 't' })).toBe('40{"token":"t"}');
  const frame = sendFrame(7, 'chat', 'mine', 'hello');
  expect(frame.slice(0, 3)).toBe('427');
  expect(JSON.parse(frame.slice(3))).toEqual([
    'sendMessage',
    { chatId: 'chat', clientMessageId: 'mine', text: 'hello' },
  ]);
});
