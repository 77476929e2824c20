import { expect, test } from 'vitest';
import { compare } from '../src/compare.ts';
import type { AuditedItem } from '../src/storage/items.ts';

const NOON = Date.parse('2026-06-01T12:00:00Z');
const secondsBefore = (seconds: number): string => new Date(NOON - seconds * 1000).toISOString();

const copy = (id: string, version: string, more: Partial<AuditedItem> = {}): AuditedItem => ({
  ...{ type: 'trip', id, version, owned: true, pinned: false, absent: false, held: false, kept: false },
  ...more,
});

test('what changed just before the listing is fetched, and is no difference', () => {
  const owned = [
    { type: 'trip', id: 'new', version: secondsBefore(10) },
    { type: 'trip', id: 'edited', version: secondsBefore(10) },
    { type: 'trip', id: 'long ago', version: secondsBefore(600) },
  ];
  const here = [copy('edited', secondsBefore(3600)), copy('long ago', secondsBefore(3600))];
  expect(compare({ owned, pinned: [] }, here, NOON)).toMatchObject({
    toFetch: [{ id: 'new' }, { id: 'edited' }, { id: 'long ago' }],
    different: 1,
    differences: { missing_here: 0, older_here: 1, missing_there: 0 },
    items: [{ id: 'long ago', why: 'older-here' }],
  });
});
