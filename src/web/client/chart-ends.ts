import type { Chart } from './chart.ts';

export interface ChartEnds {
  /** @param place on the axis of the chart. */
  show(figure: HTMLElement, chart: Chart, place: number): void;
  hide(): void;
}

/** Lays the buttons of a held place over the chart that was pressed, on a line at the place. */
export function createChartEnds(ends: HTMLElement): ChartEnds {
  const stem = document.createElement('div');
  stem.className = 'stem';
  return {
    show(figure, { over, leftOf }, place) {
      const [outer, inner] = [figure.getBoundingClientRect(), over.getBoundingClientRect()];
      const { style } = stem;
      style.left = `${inner.left - outer.left}px`;
      style.top = `${inner.top - outer.top}px`;
      style.width = `${inner.width}px`;
      style.height = `${inner.height}px`;
      style.setProperty('--at', `${leftOf(place)}px`);
      // Not in the plot: that is a slider, and nothing inside one is a button to a screen reader.
      figure.append(stem);
      stem.append(ends);
    },
    hide: () => stem.remove(),
  };
}
