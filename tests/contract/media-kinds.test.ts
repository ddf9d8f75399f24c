import { randomUUID } from 'node:crypto';
import type { Media } from '@natter/protocol';
import {
  files,
  startTestServer,
  type TestServer,
  type TestUser,
  uploadForm,
} from '@natter/testing';

const {
  bareSvg,
  gifScript,
  html,
  javascript,
  pdf,
  photograph,
  pngBomb,
  pngWithAlpha,
  svgWithScript,
  wav,
  windowsProgram,
  zip,
} = files;

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  anna = await server.user();
});
afterAll(() => server.stop());

const bytes = (content: Uint8Array) => new Uint8Array(content);
const answerOf = async (address: string) => {
  const response = await anna.fetch(address);
  return { headers: response.headers, content: Buffer.from(await response.arrayBuffer()) };
};

describe('a picture', () => {
  it('MEDIA-1 T70 is shown upright, without what the camera noted, with a thumbnail', async () => {
    const original = await photograph();
    const media = await anna.upload(bytes(original), { name: 'beach.jpg', type: 'image/jpeg' });
    expect(media).toMatchObject({
      kind: 'image',
      mimeType: 'image/jpeg',
      fileName: 'beach.jpg',
      thumbhash: expect.stringMatching(/^[\w+/]+=*$/),
      thumbnailUrl: `/v1/media/${media.id}/thumbnail`,
    });
    expect(media.width).toBeGreaterThan(0);
    const { headers, content } = await answerOf(media.url);
    expect(headers.get('content-type')).toBe('image/jpeg');
    expect(headers.get('content-disposition')).toBe('inline; filename=beach.jpg');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(content.length).toBe(media.size);
    expect(original.includes('Exif')).toBe(true);
    expect(content.includes('Exif')).toBe(false);
    expect(content.includes('Secret Camera')).toBe(false);
    const thumbnail = await answerOf(media.thumbnailUrl ?? '');
    expect(thumbnail.headers.get('content-type')).toBe('image/webp');
    expect(thumbnail.content.subarray(8, 12).toString()).toBe('WEBP');
    const head = await anna.fetch(media.thumbnailUrl ?? '', { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(thumbnail.content.length));
  });

  it('T64 that is a bomb, or not what it is said to be, is refused and leaves nothing', async () => {
    const fail = (content: Uint8Array, type: string) =>
      anna.fail('uploadMedia', { form: uploadForm(bytes(content), { type }) });
    expect((await fail(pngBomb(), 'image/png')).code).toBe('INVALID');
    expect((await fail(await pngWithAlpha(), 'image/jpeg')).code).toBe('UNSUPPORTED_MEDIA');
    expect((await fail((await pngWithAlpha()).subarray(0, 60), 'image/png')).code).toBe('INVALID');
    for (const content of [html, javascript, svgWithScript, windowsProgram(), zip()]) {
      expect((await fail(content, 'image/png')).code).toBe('UNSUPPORTED_MEDIA');
    }
  });
});

it.each([
  ['html', html, 'text/html'],
  ['script', javascript, 'text/javascript'],
  ['svg', svgWithScript, 'image/svg+xml'],
  ['bare svg', bareSvg, 'image/svg+xml'],
  ['gif and script at once', gifScript, ''],
  ['program', windowsProgram(), 'application/octet-stream'],
  ['pdf', pdf(), 'application/pdf'],
  ['zip', zip(), 'application/zip'],
])('T62 a browser runs nothing of a file that is %s', async (name, content, type) => {
  const response = await anna.fetch('/v1/media', {
    method: 'POST',
    body: uploadForm(bytes(content), { name, type }),
  });
  // What is refused cannot be run.
  if (response.status !== 201) {
    expect(await response.json()).toMatchObject({
      code: expect.stringMatching(/INVALID|UNSUPPORTED/),
    });
    return;
  }
  const media = (await response.json()) as Media;
  const { headers } = await answerOf(media.url);
  if (media.kind === 'file') {
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toMatch(/^attachment/);
  } else {
    expect(headers.get('content-type')).toMatch(/^image\/gif$/);
  }
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
});

it('MEDIA-1 a voice note has its length, and the peaks of its sender or its own', async () => {
  const { atAnna, atBen, chat, anna: user } = await server.directChat();
  const fields = { voice: 'true', peaks: '[0, 3, 1.5]', durationMs: '999000' };
  const media = await user.upload(bytes(wav(2)), { name: 'voice.wav', type: 'audio/wav', fields });
  expect(media).toMatchObject({ kind: 'audio', voice: true, peaks: [0, 3, 1.5] });
  // What is found is believed, and not what is said.
  expect(media.durationMs).toBeGreaterThan(1900);
  expect(media.durationMs).toBeLessThan(2100);
  const input = { chatId: chat.id, clientMessageId: randomUUID(), mediaIds: [media.id] };
  await atAnna.command('sendMedia', input);
  expect((await atBen.next('newMediaMessage')).media).toEqual([media]);
  const response = await user.fetch(media.url, { headers: { range: 'bytes=0-3' } });
  expect([response.status, await response.text()]).toEqual([206, 'RIFF']);
  expect(response.headers.get('content-type')).toMatch(/^audio\//);
  user.disconnect();
  atBen.close();
  const fail = (values: Record<string, string>, content: Uint8Array = wav(1)) =>
    user.fail('uploadMedia', { form: uploadForm(bytes(content), { fields: values }) });
  expect(await fail({ voice: 'true' }, pdf())).toMatchObject({
    code: 'INVALID',
    details: [{ path: 'voice' }],
  });
});
