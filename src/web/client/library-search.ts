/** A pause of the fingers. */
const PAUSE_MS = 120;

/** Instant search: the page that the form would open is fetched as one types, and its results take the place of those shown. */
export function searchAsTyped(library: HTMLElement): void {
  const form = library.querySelector<HTMLFormElement>('.search');
  const field = form?.querySelector<HTMLInputElement>('[name="q"]');
  if (!form || !field) return;
  let asking: AbortController | undefined;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let shown = field.value.trim();

  field.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(search, PAUSE_MS);
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    clearTimeout(pause);
    void search();
  });

  async function search(): Promise<void> {
    const words = field?.value.trim() ?? '';
    // Answers may overtake each other: only the last one counts.
    asking?.abort();
    if (words === shown) return;
    const mine = new AbortController();
    asking = mine;
    const address = addressOf();
    try {
      const answer = await fetch(address, { signal: mine.signal });
      const text = await answer.text();
      if (mine.signal.aborted) return;
      const page = new DOMParser().parseFromString(text, 'text/html');
      const results = page.querySelector('[data-results]');
      // Signed out meanwhile, or something went wrong: the page itself says it best.
      if (!results) return location.assign(address);
      library.querySelector('[data-results]')?.replaceWith(results);
      shown = words;
      history.replaceState(null, '', address);
    } catch {
      // Given up for a later one, whatever the browser calls that: following it would lose what was typed since.
      if (!mine.signal.aborted) location.assign(address);
    }
  }

  function addressOf(): string {
    const data = new FormData(form ?? undefined);
    const given = [...data].map(([name, value]) => [name, String(value).trim()]).filter(([, value]) => value !== '');
    const parameters = new URLSearchParams(given);
    return parameters.size === 0 ? '/library' : `/library?${parameters}`;
  }
}
