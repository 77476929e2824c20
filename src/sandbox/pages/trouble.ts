import type { Sandbox } from '../http/parts.ts';
import type { Sent } from '../webhooks.ts';
import { type Html, html } from './html.ts';
import { form, hidden, type Place } from './parts.ts';

type View = Place & { parts: Sandbox };

const SHOWN = 6;
/** Connection errors as somebody would say them. */
const WORDS = new Map([
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'broken off'],
  ['ENOTFOUND', 'not found'],
  ['timeout', 'too slow'],
]);

/** The last webhooks with their answers, and what can happen to the next ones. */
export function webhookLog(view: View): Html {
  const { sent, paused, url } = view.parts.webhooks;
  const last = [...sent.entries()].slice(-SHOWN).reverse();
  const client = view.parts.clients[0];
  const rows = last.map(([index, one]) => entry(index, one, view));
  const table = html`<div class="wrap"><table class="log"><tr><th>Time</th><th>Changes</th><th>Answer</th><th></th></tr>${rows}</table></div>`;
  const button = (verb: string, label: string) => form(verb, view, html`<button>${label}</button>`);
  return html`<div class="panel">
${client && form('webhook-url', view, html`<div class="row"><label>They go to<input type="url" name="url" value="${url(client.apiKey) ?? ''}" placeholder="nowhere yet"></label><button>Set</button></div>`)}
<div class="row">${button('lose', 'Lose next')}${button('duplicate', 'Send next twice')}${button('reorder', 'Swap next two')}${paused ? button('resume', 'Resume') : button('pause', 'Pause')}</div>
${last.length > 0 ? table : html`<p class="quiet">None sent yet.</p>`}
</div>`;
}

function entry(index: number, { at, notifications, status, error, ms }: Sent, view: View): Html {
  const word =
    status === 200
      ? html`<span class="ok">200</span>`
      : html`<span class="bad-word">${status ?? WORDS.get(error ?? '') ?? error}</span>`;
  const time = new Date(at).toISOString().slice(11, 19);
  const again = form('replay', view, html`${hidden('index', index)}<button>Replay</button>`);
  return html`<tr><td>${time}</td><td>${notifications}</td><td>${word} <small>${ms} ms</small></td><td>${again}</td></tr>`;
}

/** Switches for what goes wrong, and one that puts everything right. */
export function breaking(view: View): Html {
  const { current } = view.parts.faults;
  const clear = form('clear-faults', view, html`<button>Make everything work again</button>`);
  const option = ([value, label]: readonly [number, string]) => html`<option value="${value}">${label}</option>`;
  return html`<div class="panel">
${active(view) && html`<p class="notice bad">${active(view)}</p>`}
${form('latency', view, html`<div class="row"><label>Every answer takes (ms)<input name="ms" type="number" min="0" max="600000" value="${current.latencyMs}"></label><button>Set</button></div>`)}
${form('fail-next', view, html`<div class="row"><label>The next answers<input name="n" type="number" min="1" max="1000" value="1"></label><label class="wide">are<select name="status">${STATUSES.map(option)}</select></label>${hidden('retry_after', 5)}<button>Set</button></div>`)}
<div class="row">${form('cut-next', view, html`<button>Cut next answer</button>`)}${form('down', view, html`<button class="grave">Take it down</button>`)}</div>
${clear}
</div>`;
}

const STATUSES = [
  [429, '429 Too many'],
  [500, '500 Error'],
  [503, '503 Unavailable'],
  [401, '401 Unauthorized'],
] as const;

/** What is broken at present, in words; empty where nothing is. */
function active({ parts }: View): string {
  const { down, latencyMs, nextStatus, cutAnswers } = parts.faults.current;
  return [
    down && 'The API is down.',
    latencyMs > 0 && `Answers take ${latencyMs} ms.`,
    nextStatus.length > 0 && `The next ${nextStatus.length} answers fail.`,
    cutAnswers > 0 && `The next ${cutAnswers} answers break off.`,
  ]
    .filter((text) => text !== false)
    .join(' ');
}
