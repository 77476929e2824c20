import { activeChips, withoutChip } from './library-chips.ts';
import type { LibraryView } from './library-view.ts';
import { said, say } from './say.ts';

/** A view that is limited by one thing less. */
export interface WayOut {
  words: string;
  to: LibraryView;
}

/** Does the view show less than its tab has? */
export const isLimited = (view: LibraryView): boolean => view.q !== '' || activeChips(view).length > 0;

/** For whoever finds nothing: each of the filters left away, and the same in the whole library. */
export function waysOut(view: LibraryView): WayOut[] {
  const first = { ...view, page: 1 };
  return [
    ...(view.q === '' ? [] : [{ words: say`Without “${view.q}”`, to: { ...first, q: '' } }]),
    ...activeChips(view).map((chip) => ({ words: said(chip.atAny), to: withoutChip(view, chip) })),
    ...(view.tab === 'all' ? [] : [{ words: say`Among everything`, to: { ...first, tab: 'all' as const } }]),
  ];
}
