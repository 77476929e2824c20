import type { Statement } from '../vocabulary.ts';

/** Is what a source states here already? A deletion and a body may have the same version: then it counts which of the two is here. */
export function isKnown(
  standing: { version: string; here: boolean } | undefined,
  { version, body }: Statement,
): boolean {
  if (!standing) return false;
  return standing.version > version || (standing.version === version && standing.here === (body !== null));
}
