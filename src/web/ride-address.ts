/** What a rider pastes or types to name a ride: an address of any host, `trips/123`, or a number alone. */
export interface RideAddress {
  kind: 'routes' | 'trips';
  id: string;
}

/** A privacy code in it is nobody's business here. @returns undefined where it names no ride. */
export function readRideAddress(text: string, kind: RideAddress['kind'] = 'trips'): RideAddress | undefined {
  const [, alone] = /^#?([1-9]\d{0,18})$/.exec(text.trim()) ?? [];
  if (alone) return { kind, id: alone };
  const [, word, id] = /(?:^|[/\s])(route|trip)s?[/\s]+([1-9]\d{0,18})(?=$|[./?#\s])/i.exec(text) ?? [];
  return id === undefined ? undefined : { kind: word?.toLowerCase() === 'route' ? 'routes' : 'trips', id };
}
