import { expect, it } from 'vitest';
import { html, joined, prose } from './html.js';

it('escapes what is put into markup', () => {
  const name = `<b class="x">'&'</b>`;
  expect(html`<p title="${name}">${[name]}</p>`.markup).toBe(
    '<p title="&lt;b class=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/b&gt;">&lt;b class=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/b&gt;</p>',
  );
});

it('keeps markup inside markup', () => {
  expect(html`${['a', '<'].map((item) => html`<b>${item}</b>`)}!`.markup).toBe(
    '<b>a</b><b>&lt;</b>!',
  );
  expect(joined([html`<i>1</i>`, '<', html`<i>2</i>`], ' & ').markup).toBe(
    '<i>1</i> &amp; &lt; &amp; <i>2</i>',
  );
});

it('shows as code what stands between backticks', () => {
  expect(prose('Is `a < b`, or not.').markup).toBe('Is <code>a &lt; b</code>, or not.');
});
