import type { MediaId } from '@natter/protocol';
import type { Brain } from '../engine/brain.js';
import type { Clock } from '../clock.js';
import { ChatError } from '../errors.js';

/** Addresses for what cannot send a token, such as an `<img>` or a player. */
export interface MediaLink {
  readonly url: string;
  readonly thumbnailUrl?: string | undefined;
  /** ISO 8601, by the server's clock. */
  readonly expiresAt: string;
}

/** As many as one request may name. */
const MOST = 100;
/** How long a link is used, whatever its `expiresAt` says: clocks may differ. The server's are good for 5 minutes. */
const SHORTEST_MS = 60_000;
const LONGEST_MS = 240_000;
/** So long before its end it is not used any more, for what is loaded only then. */
const MARGIN_MS = 60_000;

interface Kept {
  readonly link: Promise<MediaLink>;
  /** Milliseconds since 1970; `undefined` until it is there. */
  until: number | undefined;
}

interface Waiting {
  readonly resolve: (link: MediaLink) => void;
  readonly reject: (error: unknown) => void;
}

/** Asks for links, those that are wanted at the same time together, and keeps them for as long as they are good. */
export class MediaLinks {
  private readonly kept = new Map<MediaId, Kept>();
  private wanted = new Map<MediaId, Waiting>();

  constructor(
    private readonly url: string,
    private readonly brain: Pick<Brain, 'request'>,
    private readonly clock: Clock,
  ) {}

  get(id: MediaId): Promise<MediaLink> {
    const known = this.kept.get(id);
    if (known && (known.until === undefined || known.until > this.clock.now())) return known.link;
    const link = new Promise<MediaLink>((resolve, reject) => {
      if (this.wanted.size === 0) queueMicrotask(() => this.askAll());
      this.wanted.set(id, { resolve, reject });
    });
    const kept: Kept = { link, until: undefined };
    this.kept.set(id, kept);
    link.then(
      ({ expiresAt }) => {
        kept.until = this.clock.now() + this.lifetimeMs(expiresAt);
      },
      () => {
        if (this.kept.get(id) === kept) this.kept.delete(id);
      },
    );
    return link;
  }

  /** For how long a link that came now is used. */
  lifetimeMs(expiresAt: string): number {
    const left = Date.parse(expiresAt) - this.clock.now() - MARGIN_MS;
    return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, left));
  }

  private askAll(): void {
    const wanted = [...this.wanted];
    this.wanted = new Map();
    this.forgetOld();
    for (let from = 0; from < wanted.length; from += MOST) {
      void this.ask(new Map(wanted.slice(from, from + MOST)));
    }
  }

  private async ask(wanted: ReadonlyMap<MediaId, Waiting>): Promise<void> {
    try {
      const body = { ids: [...wanted.keys()] };
      const links = new Map(
        (await this.brain.request('createMediaLinks', { body })).map((link) => [link.id, link]),
      );
      for (const [id, { resolve, reject }] of wanted) {
        const link = links.get(id);
        if (!link) {
          reject(notFound());
          continue;
        }
        const { url, thumbnailUrl, expiresAt } = link;
        resolve({
          url: this.absolute(url),
          ...(thumbnailUrl !== undefined && { thumbnailUrl: this.absolute(thumbnailUrl) }),
          expiresAt,
        });
      }
    } catch (error) {
      for (const { reject } of wanted.values()) reject(error);
    }
  }

  private absolute(url: string): string {
    return url.startsWith('/') ? this.url + url : url;
  }

  private forgetOld(): void {
    const now = this.clock.now();
    for (const [id, { until }] of this.kept) {
      if (until !== undefined && until <= now) this.kept.delete(id);
    }
  }
}

function notFound(): ChatError {
  return new ChatError({
    code: 'NOT_FOUND',
    message: 'The file is gone, or hidden from this user',
    retryable: false,
  });
}
