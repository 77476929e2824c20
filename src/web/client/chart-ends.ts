export interface ChartEnds {
  /** @param spot where the held place is on the chart, as `spotOf` says. */
  show(figure: HTMLElement, over: HTMLElement, spot: { left: number; top: number }): void;
  hide(): void;
}

/** Lays the buttons of a held place over the chart that was pressed, on a line at the place, above its value or below. */
export function createChartEnds(ends: HTMLElement): ChartEnds {
  const stem = document.createElement('div');
  stem.className = 'stem';
  return {
    show(figure, over, { left, top }) {
      const [outer, inner] = [figure.getBoundingClientRect(), over.getBoundingClientRect()];
      const { style } = stem;
      style.left = `${inner.left - outer.left}px`;
      style.top = `${inner.top - outer.top}px`;
      style.width = `${inner.width}px`;
      style.height = `${inner.height}px`;
      style.setProperty('--at', `${left}px`);
      stem.dataset.ends = top > inner.height / 2 ? 'above' : 'below';
      // Not in the plot: that is a slider, and nothing inside one is a button to a screen reader.
      figure.append(stem);
      stem.append(ends);
    },
    hide: () => stem.remove(),
  };
}
