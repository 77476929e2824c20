import { followReports } from './live.ts';

/** After something happened to the account: the line of events is fetched anew and takes the place of what is shown. */
export function followWhy(place: HTMLElement): void {
  let asking: AbortController | undefined;
  followReports(undefined, () => void look());

  async function look(): Promise<void> {
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(location.href, { signal: asking.signal });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.querySelector<HTMLElement>('[data-why]');
      // What is open stays open while there is nothing new.
      if (!fresh || fresh.dataset.why === place.dataset.why) return;
      place.dataset.why = fresh.dataset.why;
      place.replaceChildren(...fresh.childNodes);
    } catch (error) {
      // The next report asks again.
      if (!(error instanceof DOMException && error.name === 'AbortError')) console.warn(error);
    }
  }
}
