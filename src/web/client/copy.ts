import { say } from '../say.ts';

/** Shows and binds the buttons that copy an address or a token. They are hidden until now, because without script they do nothing. */
export function bindCopyButtons(): void {
  // The clipboard is there on https and localhost only; elsewhere the text can still be selected.
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', () => void copy(button));
  }
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const words = button.textContent;
  button.textContent = await navigator.clipboard.writeText(button.dataset.copy ?? '').then(
    () => say`Copied`,
    () => say`Not allowed`,
  );
  setTimeout(() => {
    button.textContent = words;
  }, 2_000);
}
