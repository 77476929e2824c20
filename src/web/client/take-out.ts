import { say } from '../say.ts';
import { count } from '../units.ts';

const ASK_MS = 500;
/** Listing a large library comes first; until then nobody knows of the archive. */
const PATIENCE = 20;

/**
 * Says how far an archive is while the browser downloads it: the browser itself cannot know how large it will be. The form comes and
 * goes with what is searched for.
 */
export function followTakeOut(library: HTMLElement): void {
  let following: AbortController | undefined;
  library.addEventListener('submit', ({ target }) => {
    const form = target instanceof HTMLFormElement && target.matches('[data-take-out]') ? target : null;
    const ticket = form?.querySelector<HTMLInputElement>('[name="ticket"]');
    const words = form?.querySelector<HTMLElement>('[data-take-out-words]');
    const bar = form?.querySelector<HTMLProgressElement>('progress');
    if (!ticket || !words || !bar) return;
    following?.abort();
    following = new AbortController();
    ticket.value = newTicket();
    ticket.disabled = false;
    void follow(ticket.value, words, bar, following.signal);
  });
}

/** Not `randomUUID`: a browser has that on https and localhost only, and Slipstream may be opened by its address at home. */
const newTicket = (): string =>
  [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join('-');

async function follow(
  ticket: string,
  words: HTMLElement,
  bar: HTMLProgressElement,
  signal: AbortSignal,
): Promise<void> {
  for (let unknown = 0; unknown < PATIENCE && !signal.aborted; ) {
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
    const answer = await fetch(`/api/v1/export/progress?ticket=${ticket}`).catch(() => undefined);
    if (!answer?.ok) {
      unknown += 1;
      continue;
    }
    // Of several receivers only the one that writes the archive knows of it, and each question may come to another.
    unknown = 0;
    const { done, total, state } = await answer.json();
    bar.hidden = state !== 'running';
    bar.max = Math.max(total, 1);
    bar.value = done;
    words.textContent = WORDS[state as keyof typeof WORDS](count(done), count(total));
    if (state !== 'running') return;
  }
}

const WORDS = {
  running: (done: string, total: string) => say`${done} of ${total} files written.`,
  done: (_: string, total: string) => say`All ${total} files are in the archive.`,
  stopped: (done: string, total: string) => say`Stopped after ${done} of ${total} files.`,
};
