import { expect, test } from 'vitest';
import { html, raw } from '../../src/web/html.ts';

test('what is put into a template is escaped, in text and in attributes', () => {
  const name = `<script>alert("1")</script> & 'more'`;
  expect(html`<p title="${name}">${name}</p>`.markup).toBe(
    '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;</p>',
  );
});

test('markup in markup is escaped once, and lists are joined', () => {
  const items = ['a & b', '<c>'].map((name) => html`<li>${name}</li>`);
  expect(html`<ul>${items}${raw('<hr>')}</ul>`.markup).toBe('<ul><li>a &amp; b</li><li>&lt;c&gt;</li><hr></ul>');
});

test('nothing is rendered for what is not there, but nought is', () => {
  expect(html`${null}${undefined}${false}${0}`.markup).toBe('0');
});
