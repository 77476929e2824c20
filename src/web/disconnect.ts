import { type Html, html } from './html.ts';
import { say } from './say.ts';

/** What leaving means, and the choice that comes with it. */
export function disconnectForm(): Html {
  return html`<p>${say`Slipstream gives its access back to Ride With GPS. Your library there is not touched either way.`}</p>
<form class="choices" method="post" action="/disconnect">
<label class="choice"><input type="radio" name="data" value="keep" checked><span><strong>${say`Keep the copy`}</strong><span class="quiet">${say`Everything copied so far stays here and can be read and downloaded.`}</span></span></label>
<label class="choice"><input type="radio" name="data" value="erase"><span><strong>${say`Erase the copy`}</strong><span class="quiet">${say`Routes, trips, earlier versions and tombstones are deleted here. This cannot be undone.`}</span></span></label>
<button class="danger">${say`Disconnect`}</button>
</form>`;
}
