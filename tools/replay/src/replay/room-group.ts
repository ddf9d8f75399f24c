import { configurableLimits, Title } from '@natter/protocol';

/** What the group of a room is called. */
export function titleOf(room: string): string {
  const title = Title.safeParse(room);
  return title.success ? title.data : 'A room';
}

/** @throws where a group cannot hold so many people beside its owner. */
export function requireRoomForAll(room: string, people: number): void {
  const most = configurableLimits.groupMembers.default - 1;
  if (people > most) {
    throw new Error(
      `Unable to replay ${room}; a group holds ${most} beside its owner, not ${people}`,
    );
  }
}

/** @throws where somebody is missing: the server leaves out silently whoever cannot be added (CHAT-3). */
export function requireAllAdded(room: string, memberCount: number, people: number): void {
  if (memberCount !== people + 1) {
    throw new Error(`Unable to stage ${room}; it has ${memberCount} members, not ${people + 1}`);
  }
}
