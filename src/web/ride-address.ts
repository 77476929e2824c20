/** What a rider pastes or types to name a ride: an address of any host, `trips/123`, or a number alone. */
export interface RideAddress {
  kind: 'routes' | 'trips';
  id: string;
}

/** A privacy code in it is nobody's business here. @returns undefined where it names no ride. */
export function readRideAddress(text: string, kind: RideAddress['kind'] = 'trips'): RideAddress | undefined {
  const [, word, id] =
    /^(?:\S*\/)?(?:(routes?|trips?)[\s/]+)?#?([1-9]\d{0,18})(?:\.[a-z]+)?(?:[/?#]\S*)?$/i.exec(text.trim()) ?? [];
  if (!id) return undefined;
  // An address that is about something else has a number too.
  if (!word && /[/:]/.test(text)) return undefined;
  return { kind: word ? (/^r/i.test(word) ? 'routes' : 'trips') : kind, id };
}
