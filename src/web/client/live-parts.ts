/** What only the server can write is asked for again when it may have changed, and put in its place. */

/** Reports come in bursts. */
const QUIET_MS = 600;

let timer: ReturnType<typeof setTimeout> | undefined;

export function renewPartsSoon(page: HTMLElement): void {
  clearTimeout(timer);
  timer = setTimeout(() => void renew(page), QUIET_MS);
}

async function renew(page: HTMLElement): Promise<void> {
  const response = await fetch(location.href).catch(() => undefined);
  // Signed out, or the server is starting again: the next report comes with another chance.
  if (!response?.ok || response.redirected) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  for (const part of fresh.querySelectorAll<HTMLElement>('[data-live-part]')) {
    const old = page.querySelector<HTMLElement>(`[data-live-part="${part.dataset.livePart}"]`);
    // Nothing is taken away from under a reader's keyboard.
    if (!old || old.contains(document.activeElement)) continue;
    for (const [at, details] of [...old.querySelectorAll('details')].entries()) {
      part.querySelectorAll('details')[at]?.toggleAttribute('open', details.open);
    }
    if (old.innerHTML !== part.innerHTML) old.replaceChildren(...part.childNodes);
  }
}
