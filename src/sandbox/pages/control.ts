import type { Sandbox } from '../http/parts.ts';
import { PASSWORD } from '../http/users.ts';
import type { Item, Rider } from '../model.ts';
import { type Html, html } from './html.ts';
import { layout } from './layout.ts';
import { day, editor, figure, form, hidden, kilometres, type Place } from './parts.ts';
import { breaking, webhookLog } from './trouble.ts';

export interface ControlView extends Place {
  parts: Sandbox;
  items: readonly Item[];
  total: number;
  notice: { text: string; bad: boolean } | undefined;
}

/** Everything a rider would do at the provider, and everything that can go wrong there, on one page. */
export function controlPage(view: ControlView): string {
  const { parts, rider, notice } = view;
  return layout(
    'Sandbox provider',
    html`<header>
<h1>Sandbox provider</h1>
<p>${situation(view)}</p>
${notice && html`<p class="notice${notice.bad && ' bad'}" role="status">${notice.text}</p>`}
${parts.skipped.length > 0 && skippedFiles(parts)}
${parts.world.riders().length > 1 && tabs(parts.world.riders().map((one) => [one.name, `/sandbox?rider=${one.id}`, one === rider]))}
</header>
<div class="desk">
<main>
<h2>Make something happen</h2>
${making(view)}
<h2>${rider.name}’s library</h2>
${tabs([
  [`Trips`, `/sandbox?rider=${rider.id}&type=trip`, view.type === 'trip'],
  [`Routes`, `/sandbox?rider=${rider.id}&type=route`, view.type === 'route'],
])}
<div class="list">${view.items.map((item) => row(item, view))}</div>
${view.items.length < view.total && html`<p style="margin-top:16px"><a href="/sandbox?rider=${rider.id}&amp;type=${view.type}&amp;shown=${view.items.length + 50}">Show more of ${view.total}</a></p>`}
${others(view)}
</main>
<aside>
<h2>Webhooks</h2>
${webhookLog(view)}
<h2>Break the API</h2>
${breaking(view)}
<h2>Who is connected</h2>
${connections(view)}
</aside>
</div>`,
  );
}

function situation({ parts, rider }: ControlView): string {
  if (parts.faults.current.down) return 'The API is down: every request is cut off until you clear the faults below.';
  const connected = parts.tokens.list().some((token) => token.riderId === rider.id);
  if (!connected) return `Nobody is connected to ${rider.name} yet. What you do here is announced once somebody is.`;
  return `What you do here as ${rider.name} is announced at once, as the real provider would.`;
}

function skippedFiles({ skipped }: Sandbox): Html {
  const list = skipped.map(
    ({ file, reason }) => html`<li><code>${file}</code> <span class="quiet">${reason}</span></li>`,
  );
  return html`<details class="notice bad"><summary>${skipped.length} files could not be used</summary><ul>${list}</ul></details>`;
}

function tabs(entries: readonly (readonly [label: string, href: string, current: boolean])[]): Html {
  return html`<ul class="tabs">${entries.map(([label, href, current]) => html`<li><a href="${href}"${current && html` aria-current="page"`}>${label}</a></li>`)}</ul>`;
}

function making(view: ControlView): Html {
  const whose = hidden('rider', view.rider.id);
  return html`<div class="row">
${form('create', view, html`${whose}${hidden('type', 'trip')}<button class="primary">New trip</button>`)}
${form('create', view, html`${whose}${hidden('type', 'route')}<button>New route</button>`)}
${form('upload', view, html`${whose}${hidden('delay_seconds', 60)}<button>Upload a ride</button>`)}
</div>
<p class="quiet" style="margin-top:8px">An uploaded ride is completed by its device a minute later.</p>`;
}

function row(item: Item, view: ControlView): Html {
  const measures = view.parts.tracks.measures(item, 'owner');
  const where = [
    item.region?.locality,
    day(item.departedAt ?? item.createdAt),
    item.visibility === 'public' ? undefined : item.visibility.replace('_', ' '),
  ];
  const pinned = view.parts.world.pinned(view.rider.id).includes(item);
  return html`<details class="item" id="${item.type}-${item.id}">
<summary><span class="name">${item.name}</span><span class="num">${figure(kilometres(measures.distance), ' km')}</span>
<small class="meta">${where.filter((part) => part !== undefined).join(' · ')}${pinned && ' · pinned'}</small><span class="num second">${figure(Math.round(measures.elevation_gain), ' m')}</span></summary>
${editor(item, view, view.parts)}
<p class="quiet"><a href="/${item.type}s/${item.id}">Page</a> · <code>/api/v1/${item.type}s/${item.id}.json</code></p>
</details>`;
}

/** Pinning is how a rider gets hold of what is not theirs. */
function others(view: ControlView): Html | false {
  const { world } = view.parts;
  const foreign = world.riders().filter((one) => one !== view.rider);
  if (foreign.length === 0) return false;
  const pinned = new Set(world.pinned(view.rider.id));
  const choices = foreign.flatMap((one) =>
    world
      .items(one.id, view.type)
      .filter((item) => item.visibility === 'public')
      .slice(0, 5)
      .map((item) => ({ one, item })),
  );
  const entry = ({ one, item }: { one: Rider; item: Item }) =>
    html`<tr><td>${item.name}<br><small>${one.name}</small></td><td>${form(
      pinned.has(item) ? 'unpin' : 'pin',
      view,
      html`${hidden('rider', view.rider.id)}${hidden('type', item.type)}${hidden('id', item.id)}<button>${pinned.has(item) ? 'Unpin' : 'Pin'}</button>`,
    )}</td></tr>`;
  return html`<h2>From other riders</h2><table class="log">${choices.map(entry)}</table>`;
}

function connections(view: ControlView): Html {
  const tokens = view.parts.tokens.list().filter((token) => token.riderId === view.rider.id);
  const entry = (token: { token: string; apiKey: string; createdAt: number }) =>
    html`<tr><td><code>${token.apiKey}</code><br><small>since ${day(token.createdAt)}</small></td><td>${form(
      'revoke-token',
      view,
      html`${hidden('token', token.token)}<button class="grave">Revoke</button>`,
    )}</td></tr>`;
  const list =
    tokens.length > 0
      ? html`<table class="log">${tokens.map(entry)}</table>`
      : html`<p class="quiet">No token for ${view.rider.name}.</p>`;
  return html`${list}<p class="quiet" style="margin-top:12px">Password sign-in: <code>${view.rider.email}</code> with <code>${PASSWORD}</code></p>`;
}
