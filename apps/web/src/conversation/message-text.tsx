import { useChatClient } from '@natter/client/react';
import type { ReactNode } from 'react';
import { find } from 'linkifyjs';

type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'link'; readonly text: string; readonly href: string };

const SAFE = /^(https?|mailto):/i;

/** Cut into links and what is between them. Nothing of a message is ever read as HTML. */
function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { start, end: after, href, value } of find(text, { defaultProtocol: 'https' })) {
    if (!SAFE.test(href)) continue;
    if (start > end) parts.push({ type: 'text', text: text.slice(end, start) });
    parts.push({ type: 'link', text: value, href });
    end = after;
  }
  if (end < text.length) parts.push({ type: 'text', text: text.slice(end) });
  return parts;
}

function Mentioning({
  text,
  names,
}: {
  readonly text: string;
  readonly names: readonly string[];
}): ReactNode {
  const marks = names.map((name) => `@${name}`);
  const at = marks
    .map((mark) => ({ mark, index: text.indexOf(mark) }))
    .filter(({ index }) => index !== -1)
    .toSorted((a, b) => a.index - b.index)[0];
  if (!at) return text;
  const after = at.index + at.mark.length;
  return (
    <>
      {text.slice(0, at.index)}
      <span className="text-brand-text font-semibold">{at.mark}</span>
      <Mentioning text={text.slice(after)} names={names} />
    </>
  );
}

/** What somebody wrote, with its links and the names of those whom it is for. */
export function MessageText({
  text,
  mentions = [],
}: {
  readonly text: string;
  readonly mentions?: readonly string[] | undefined;
}): ReactNode {
  const client = useChatClient();
  const names = mentions.flatMap((id) => client.users.person(id).getSnapshot()?.displayName ?? []);
  return (
    <p className="plaintext">
      {partsOf(text).map((part, index) =>
        part.type === 'link' ? (
          <a
            key={`${index}`}
            href={part.href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            className="text-brand-text underline underline-offset-2"
          >
            {part.text}
          </a>
        ) : (
          <Mentioning key={`${index}`} text={part.text} names={names} />
        ),
      )}
    </p>
  );
}
