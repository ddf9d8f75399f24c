import type { MemberItem } from '@natter/client';

/** What is written after an `@`, from the sign on. */
export interface MentionQuery {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The mention that is being written where the caret is. */
export function mentionQueryAt(text: string, caret: number): MentionQuery | undefined {
  const found = /(?:^|\s)@([\p{L}\p{N}_.-]*)$/u.exec(text.slice(0, caret));
  const query = found?.[1];
  if (query === undefined) return undefined;
  return { start: caret - query.length - 1, end: caret, text: query };
}

/** Members of whom a name begins with it. */
export function candidatesFor(query: string, members: readonly MemberItem[]): MemberItem[] {
  const wanted = query.toLocaleLowerCase();
  return members.filter(({ person }) =>
    [person.username, ...person.displayName.split(/\s+/)].some((name) =>
      name.toLocaleLowerCase().startsWith(wanted),
    ),
  );
}

/** The ids of those whose names stand in a text after an `@`. */
export function mentionedIn(text: string, members: readonly MemberItem[]): string[] {
  return members
    .filter(({ person }) => person.displayName && text.includes(`@${person.displayName}`))
    .map(({ person }) => person.id);
}
