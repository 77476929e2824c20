import { type Html, html } from './html.ts';
import { say, sayHtml } from './say.ts';
import { counted } from './units.ts';

/** So many characters are read on a page at most; a file is for more. */
const MOST = 64 * 1024;

/** The provider's object as it came, without its points, and the way to the whole of it. */
export function rawObject(body: Record<string, unknown>, points: number | undefined, file: string): Html {
  // The code opens a private item to whoever has it: it stays in the file, out of sight.
  const text = JSON.stringify(body, (key, value) => (key === 'privacy_code' ? undefined : value), 2);
  const cut = text.length > MOST;
  return html`<section class="raw">
<h2>${say`Raw object`}</h2>
<p>${asFile(points, file)}</p>
<details><summary>${say`Show it here, without the points`}</summary>
<pre tabindex="0" role="region" aria-label="${say`Raw object`}">${cut ? text.slice(0, text.lastIndexOf('\n', MOST)) : text}</pre>
${cut && html`<p class="quiet">${say`The rest is in the file.`}</p>`}</details>
</section>`;
}

function asFile(points: number | undefined, file: string): Html {
  return points === undefined
    ? sayHtml`As Ride With GPS sent it: <a href="${file}" download>the whole of it as a file</a>.`
    : sayHtml`As Ride With GPS sent it: <a href="${file}" download>the whole of it as a file</a>, with ${counted(points, 'point')}.`;
}
