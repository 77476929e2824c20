import { InvalidArgumentError } from 'commander';

/** 0: any free one. */
export function portIn(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}

export function secondsIn(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a number of seconds.');
}

export function minutesIn(text: string): number {
  const minutes = Number(text);
  if (/^\d{1,3}$/.test(text) && minutes >= 1 && minutes <= 120) return minutes;
  throw new InvalidArgumentError('It is a number of minutes from 1 to 120.');
}

export function pageIn(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Pages are counted from 1.');
}

export function idIn(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('An id is a number.');
}
