const UNITS: readonly [seconds: number, word: string][] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/** @param at ISO 8601. */
export function ago(at: string | null, now: number): string {
  if (at === null) return 'never';
  return `${span((now - Date.parse(at)) / 1_000)} ago`;
}

/** In its largest unit: "3 minutes". */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [size, word] = UNITS.find(([each]) => whole >= each) ?? [1, 'second'];
  const count = Math.floor(whole / size);
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
