import type { Rider } from '../model.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';

/** The page on which a rider lets a program in, or does not. `host` is where the answer goes. */
export function authorizePage(riders: readonly Rider[], host: string, hidden: Record<string, string>): string {
  const fields = Object.entries(hidden).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const choice = (rider: Rider, index: number) => html`<label class="choice">
<input type="radio" name="rider" value="${rider.id}"${index === 0 && html` checked`}>
<span>${rider.name}<small>${rider.home.locality}, rider ${rider.id}</small></span></label>`;
  const [only] = riders;
  const who =
    riders.length === 1 && only
      ? html`<input type="hidden" name="rider" value="${only.id}"><p>You are <strong>${only.name}</strong>, ${only.home.locality}.</p>`
      : html`<fieldset><legend>Who are you today?</legend>${riders.map(choice)}</fieldset>`;
  return layout(
    'Authorize',
    html`<main class="door">
<p class="quiet">Sandbox provider</p>
<h1>Let ${host} see your library?</h1>
<form method="post" action="/oauth/authorize">
${fields}
${who}
<p>It will be able to:</p>
<ul><li>read your routes and trips, private ones too</li><li>read what you have pinned</li><li>hear of every change</li></ul>
<div class="row">
<button class="primary" name="decision" value="authorize">Authorize</button>
<button name="decision" value="cancel">Cancel</button>
</div>
</form>
</main>`,
  );
}

/** What is wrong with a request that may not be sent back. */
export function refusedPage(reason: string): string {
  return layout(
    'Cannot authorize',
    html`<main class="door"><p class="quiet">Sandbox provider</p><h1>This cannot go on</h1><p>${reason}</p></main>`,
  );
}
