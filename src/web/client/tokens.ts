const probe = document.head.appendChild(document.createElement('i'));

/** The colours of `styles.css`, for what is drawn on a canvas: one truth for both. */
export function token(name: string): string {
  // The property itself has a colour for each theme: only where it is used it is one of them.
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

/** Calls `changed` when the reader's system goes from light to dark or back. */
export function onThemeChange(changed: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}
