const KEPT_AS = 'slipstream.charts';
/** On a phone the first chart is enough until somebody asks for more. */
const NARROW = '(max-width: 719px)';

/** The buttons that open and close charts. What was chosen is remembered by this browser. Calls `changed` after each. */
export function bindToggles(charts: HTMLElement, changed: () => void): void {
  const kept = remembered();
  for (const toggle of charts.querySelectorAll<HTMLElement>('[data-toggle]')) {
    const key = toggle.dataset.toggle ?? '';
    const chart = charts.querySelector<HTMLElement>(`[data-chart="${CSS.escape(key)}"]`);
    const show = (open: boolean) => {
      toggle.setAttribute('aria-pressed', String(open));
      if (chart) chart.dataset.open = String(open);
    };
    show(kept[key] ?? !matchMedia(NARROW).matches);
    toggle.addEventListener('click', () => {
      kept[key] = toggle.getAttribute('aria-pressed') !== 'true';
      show(kept[key]);
      remember(kept);
      changed();
    });
  }
}

/** What is stored may be anybody's, damaged, or out of reach in a private window: then nothing was chosen. */
function remembered(): Record<string, boolean> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEPT_AS) ?? '{}');
    const entries = typeof stored === 'object' && stored !== null ? Object.entries(stored) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'));
  } catch {
    return {};
  }
}

function remember(kept: Record<string, boolean>): void {
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing shows the charts all the same.
  }
}
