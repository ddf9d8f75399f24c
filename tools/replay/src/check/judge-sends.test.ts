import { describe, expect, it } from 'vitest';
import { bodyHashOf, type LedgerLine } from '../ledger/ledger-line.js';
import type { SeenMessage } from './fresh-device.js';
import { judgeSends } from './judge-sends.js';
import { sendsByLine } from './sends.js';

const AUTHOR = 'user-1';

function call(text: string) {
  return {
    client: 'anna',
    room: 'room',
    chatId: 'chat',
    clientMessageId: 'client-1',
    bodyHash: bodyHashOf(text),
    line: 1,
    attempt: 1,
    at: '2026-01-01T00:00:00.000Z',
    monotonicMs: 0,
  };
}

function message(text: string, values: Partial<SeenMessage> = {}): SeenMessage {
  return {
    id: 'message-1',
    seq: 2,
    kind: 'text',
    senderId: AUTHOR,
    clientMessageId: 'client-1',
    text,
    ...values,
  };
}

type After =
  | { type: 'ok'; seq: number; messageId: string; duplicate: boolean }
  | { type: 'fail'; code: string; message: string }
  | { type: 'unknown'; reason: string };

const OK: After = { type: 'ok', seq: 2, messageId: 'message-1', duplicate: false };
const REFUSED: After = { type: 'fail', code: 'INVALID', message: 'no' };
const SILENCE: After = { type: 'unknown', reason: 'no answer' };

/** The verdict on one line, from how each attempt to send it ended; nothing after the last means a kill. */
function judge(
  text: string,
  attempts: readonly (After | 'killed')[],
  messages: readonly SeenMessage[],
) {
  const ledger = attempts.flatMap((after): LedgerLine[] => [
    { type: 'invoke', ...call(text) },
    ...(after === 'killed' ? [] : [{ ...after, ...call(text) }]),
  ]);
  const { findings, ...counts } = judgeSends({
    room: 'room',
    written: [{ room: 'room', nick: 'anna', text, line: 1 }],
    sends: sendsByLine(ledger, 'chat'),
    messages,
    authors: new Map([['anna', AUTHOR]]),
    order: 'room',
  });
  return { kinds: findings.map(({ kind }) => kind), ...counts };
}

describe('a refused line', () => {
  it('is well where the protocol refuses it and it is not there', () => {
    expect(judge('  ', [REFUSED], [])).toMatchObject({ kinds: [], refused: 1, acknowledged: 0 });
  });

  it('is a phantom where it is there all the same', () => {
    expect(judge('  ', [REFUSED], [message('  ')]).kinds).toEqual(['phantom']);
  });

  it('is a finding where the protocol allows it', () => {
    expect(judge('hello', [REFUSED], []).kinds).toEqual(['unjustified']);
  });

  it('may be there where an earlier try had no answer', () => {
    expect(judge('hello', [SILENCE, REFUSED], [message('hello')]).kinds).toEqual([]);
  });
});

describe('a line without an answer', () => {
  it('is unresolved where it is not there', () => {
    expect(judge('hello', [SILENCE], [])).toMatchObject({ kinds: [], unresolved: 1 });
    expect(judge('hello', ['killed'], [])).toMatchObject({ kinds: [], unresolved: 1 });
  });

  it('is doubled where it is there twice', () => {
    const twice = [message('hello'), message('hello', { id: 'message-2', seq: 3 })];
    expect(judge('hello', [SILENCE], twice).kinds).toEqual(['duplicated']);
  });

  it('must have the text that was sent', () => {
    expect(judge('hello', ['killed'], [message('hullo')]).kinds).toEqual(['altered']);
  });
});

describe('an acknowledged line', () => {
  it('is well where it was tried twice and is there once', () => {
    const counts = { kinds: [], acknowledged: 1, refused: 0, unresolved: 0 };
    expect(judge('hello', [SILENCE, OK], [message('hello')])).toEqual(counts);
  });

  it('is doubled where each try made a message', () => {
    const twice = [message('hello'), message('hello', { id: 'message-2', seq: 3 })];
    expect(judge('hello', [SILENCE, OK], twice).kinds).toEqual(['duplicated']);
  });

  it('must have the number that was acknowledged', () => {
    expect(judge('hello', [OK], [message('hello', { seq: 3 })]).kinds).toEqual(['renumbered']);
  });

  it('must have its author', () => {
    expect(judge('hello', [OK], [message('hello', { senderId: 'user-2' })]).kinds).toEqual([
      'altered',
    ]);
  });
});
