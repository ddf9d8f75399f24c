import type { Chat, Device, RouteOutput, User } from '@natter/protocol';
import type { ClientRoute, RequestParts } from '../transport/http.js';

/** A request as the user who is logged in. */
export type Request = <K extends ClientRoute>(
  name: K,
  parts: RequestParts<K>,
) => Promise<RouteOutput<K>>;

const PAGE = 100;

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | undefined;
}

/** All pages of a list, one after the other. */
export async function allPages<T>(
  read: (query: { limit: number; cursor?: string }) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}

export interface FullSnapshot {
  readonly profile: User;
  readonly devices: readonly Device[];
  readonly chats: readonly Chat[];
  readonly blocks: readonly User[];
}

/** All that a device begins with; messages beyond the last one of each chat are loaded when they are wanted. */
export async function readSnapshot(request: Request): Promise<FullSnapshot> {
  const [profile, devices, active, archived, blocks] = await Promise.all([
    request('getOwnUser', {}),
    request('listDevices', {}),
    allPages((query) => request('listChats', { query })),
    allPages((query) => request('listChats', { query: { ...query, filter: 'archived' } })),
    allPages((query) => request('listBlocks', { query })),
  ]);
  return { profile, devices: devices.items, chats: [...active, ...archived], blocks };
}
