import type { SourceName } from '../vocabulary.ts';

/** What is stored sealed. */
export type SealedKind = 'tokens' | 'privacy_codes' | 'deliveries';

/** @returns the bytes to store in the place of `sealed`; undefined: leave them. `account` null: it speaks of several. */
export type Reseal = (
  kind: SealedKind,
  sealed: Buffer,
  owner: { source: SourceName; account: string | null },
) => Buffer | undefined;
