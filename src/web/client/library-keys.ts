const STEPS: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

/** `/` goes to the search, arrows or j and k from row to row, Enter opens as it does for every link, Escape closes what is open. */
export function moveByKeys(library: HTMLElement): void {
  const field = library.querySelector<HTMLInputElement>('.search [name="q"]');
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target instanceof Element && event.target.closest('input, select, textarea') !== null;
    if (event.key === '/' && !typing) {
      event.preventDefault();
      field?.select();
    } else if (event.key === 'Escape') {
      close(library.querySelector<HTMLDetailsElement>('.filter[open]'));
    } else if (event.key in STEPS && (!typing || (event.target === field && event.key === 'ArrowDown'))) {
      if (move(STEPS[event.key] ?? 0)) event.preventDefault();
    }
  });
  // A press beside an open filter closes it, as one expects of what lies above the list.
  document.addEventListener('click', ({ target }) => {
    for (const open of library.querySelectorAll<HTMLDetailsElement>('.filter[open]')) {
      if (target instanceof Node && !open.contains(target)) open.open = false;
    }
  });

  function move(step: number): boolean {
    const rows = [...library.querySelectorAll<HTMLAnchorElement>('.row a')];
    const at = rows.indexOf(document.activeElement as HTMLAnchorElement);
    // From anywhere else, downwards is to the first row; up from the first one is back to the search.
    const next = at === 0 && step < 0 ? field : at < 0 ? (step > 0 ? rows[0] : undefined) : rows[at + step];
    next?.focus();
    return next !== undefined && next !== null;
  }
}

function close(open: HTMLDetailsElement | null): void {
  if (!open) return;
  open.open = false;
  open.querySelector('summary')?.focus();
}
