const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup that is safe to send as it is. Only `html` makes it. */
export class Html {
  constructor(readonly markup: string) {}
}

type Content = Html | string | readonly Content[];

function markupOf(content: Content): string {
  if (content instanceof Html) return content.markup;
  if (typeof content !== 'string') return content.map(markupOf).join('');
  return content.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** Markup with what is put into it escaped, unless that is markup itself. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(parts.map((part, index) => part + markupOf(contents[index] ?? '')).join(''));
}

/** All of them, with `between` in between. */
export function joined(items: readonly Content[], between: string): Html {
  return html`${items.flatMap((item, index) => (index === 0 ? [item] : [between, item]))}`;
}

/** Text as the protocol's summaries and notes are written: code stands between backticks. */
export function prose(text: string): Html {
  const parts = text.split('`');
  return html`${parts.map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}
