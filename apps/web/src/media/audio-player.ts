import type { Readable } from '@natter/client';
import { createStore } from '../ui/store.js';

export interface Playback {
  /** What is playing or was last. */
  readonly key: string | undefined;
  readonly isPlaying: boolean;
  readonly positionMs: number;
  readonly speed: number;
  /** It has no address, or one that does not hold any more: `toggle` gives it another. */
  readonly isUnloaded: boolean;
}

const SPEEDS = [1, 1.5, 2] as const;
const PLAYED = 'natter-played';
/** As many notes are remembered as heard; older ones were long scrolled away. */
const MOST_PLAYED = 500;

const idle = { key: undefined, isPlaying: false, positionMs: 0, isUnloaded: false };
const state = createStore<Playback>({ ...idle, speed: 1 });
const played = createStore<ReadonlySet<string>>(new Set(readPlayed()));
let audio: HTMLAudioElement | undefined;

function readPlayed(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PLAYED) ?? '[]');
    return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

function notePlayed(key: string): void {
  if (played.getSnapshot().has(key)) return;
  const kept = [...played.getSnapshot(), key].slice(-MOST_PLAYED);
  played.set(new Set(kept));
  try {
    localStorage.setItem(PLAYED, JSON.stringify(kept));
  } catch {
    // A full or closed storage costs the mark after a reload, and no more.
  }
}

function patch(change: Partial<Playback>): void {
  state.set({ ...state.getSnapshot(), ...change });
}

/** There is one, so that one thing plays at a time, and goes on while its message is scrolled away. */
function element(): HTMLAudioElement {
  if (audio) return audio;
  const made = new Audio();
  made.preload = 'auto';
  made.addEventListener('timeupdate', () => patch({ positionMs: made.currentTime * 1000 }));
  made.addEventListener('play', () => patch({ isPlaying: true }));
  made.addEventListener('pause', () => patch({ isPlaying: false }));
  made.addEventListener('ended', () => patch({ isPlaying: false, positionMs: 0 }));
  made.addEventListener('error', () => {
    if (made.src !== '') patch({ isPlaying: false, isUnloaded: true });
  });
  audio = made;
  return made;
}

function start(player: HTMLAudioElement, positionMs: number): void {
  if (positionMs > 0) player.currentTime = positionMs / 1000;
  player.playbackRate = state.getSnapshot().speed;
  // Where it does not begin, `error` tells.
  player.play().catch(() => undefined);
}

interface AudioPlayer {
  readonly state: Readable<Playback>;
  /** The keys of what was ever played here. */
  readonly played: Readable<ReadonlySet<string>>;
  /** Plays it from where it was, or holds it. `url` is only used where it is not loaded. */
  toggle(key: string, url: string): void;
  /** Goes to a place; of what is not playing, it is where the next `toggle` begins. */
  seek(key: string, positionMs: number): void;
  nextSpeed(): void;
  /** Where something else is to be heard. */
  stop(): void;
}

/** Everything that is heard in messages. */
export const audioPlayer: AudioPlayer = {
  state,
  played,

  toggle(key, url) {
    const player = element();
    const now = state.getSnapshot();
    if (now.key === key && now.isPlaying) {
      player.pause();
      return;
    }
    notePlayed(key);
    const positionMs = now.key === key ? now.positionMs : 0;
    if (now.key !== key || now.isUnloaded) {
      patch({ key, positionMs, isUnloaded: false });
      player.src = url;
    }
    start(player, positionMs);
  },

  seek(key, positionMs) {
    const player = element();
    if (state.getSnapshot().key !== key) {
      player.pause();
      player.removeAttribute('src');
      patch({ ...idle, key, positionMs, isUnloaded: true });
      return;
    }
    patch({ positionMs });
    if (player.src !== '') player.currentTime = positionMs / 1000;
  },

  nextSpeed() {
    const { speed } = state.getSnapshot();
    const next = SPEEDS[(SPEEDS.findIndex((known) => known === speed) + 1) % SPEEDS.length] ?? 1;
    patch({ speed: next });
    if (audio) audio.playbackRate = next;
  },

  stop() {
    audio?.pause();
  },
};
