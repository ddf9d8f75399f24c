import { expect, it } from 'vitest';
import type { Say } from '../i18n/use-text.js';
import { mediaLabel, mediaSummary } from './media-label.js';

const say: Say = (id, values) => [id, ...Object.values(values ?? {})].join(' ');
const photo = { kind: 'image', fileName: 'a.jpg' } as const;
const video = { kind: 'video', fileName: 'a.mp4', durationMs: 61_000 } as const;

it('a file is called by what it is, or by its name', () => {
  expect(mediaLabel(photo, say)).toBe('media.photo');
  expect(mediaLabel(video, say)).toBe('media.video 1:01');
  expect(mediaLabel({ kind: 'file', fileName: 'plan.pdf' }, say)).toBe('plan.pdf');
  expect(mediaLabel({ kind: 'audio', fileName: '' }, say)).toBe('media.audio');
});

it('a voice note is one whatever its container is taken for', () => {
  const note = { kind: 'video', voice: true, fileName: 'v.mp4', durationMs: 12_400 } as const;
  expect(mediaLabel(note, say)).toBe('media.voice 0:12');
});

it('several files are counted, by kind where they are of one', () => {
  expect(mediaSummary(undefined, say)).toBeUndefined();
  expect(mediaSummary([], say)).toBeUndefined();
  expect(mediaSummary([photo], say)).toBe('media.photo');
  expect(mediaSummary([photo, photo], say)).toBe('media.photos 2');
  expect(mediaSummary([video, video, video], say)).toBe('media.videos 3');
  expect(mediaSummary([photo, video], say)).toBe('media.files 2');
});
