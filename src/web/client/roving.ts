/** Many links that are one stop of the tab key: from there arrows go on, one after the other, Home and End to the ends. */
export function roveByArrows(group: Element): void {
  group.addEventListener('keydown', (event) => {
    if (!(event instanceof KeyboardEvent) || event.altKey || event.ctrlKey || event.metaKey) return;
    const links = [...group.querySelectorAll<HTMLElement | SVGElement>('a[href]')];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const to = STEPS[event.key]?.(at, links.length - 1);
    const next = to === undefined || at < 0 ? undefined : links[Math.min(Math.max(to, 0), links.length - 1)];
    if (!next) return;
    event.preventDefault();
    links[at]?.setAttribute('tabindex', '-1');
    next.setAttribute('tabindex', '0');
    next.focus();
  });
}

const STEPS: Record<string, (at: number, last: number) => number> = {
  ArrowRight: (at) => at + 1,
  ArrowDown: (at) => at + 1,
  ArrowLeft: (at) => at - 1,
  ArrowUp: (at) => at - 1,
  Home: () => 0,
  End: (_, last) => last,
};
