import { type Message, message, said } from './say.ts';

/** A word of the provider that it has a list of, in the language of who looks. Any other, of a newer list, stays as it came. */
export function providerWord(word: string): string {
  return isListed(word) ? said(word) : word;
}

const isListed = (word: string): word is Message => LISTED.has(word);

/** As `humanised` writes them. Of its API reference: attributes of routes and trips, and activity types (github.com/ridewithgps/developers). */
const LISTED: ReadonlySet<string> = new Set([
  // visibility
  message('Public'),
  message('Friends only'),
  message('Private'),
  // track_type
  message('Loop'),
  message('Out and back'),
  message('Point to point'),
  message('Unknown'),
  // terrain
  message('Flat'),
  message('Rolling'),
  message('Climbing'),
  // difficulty
  message('Casual'),
  message('Easy'),
  message('Moderate'),
  message('Hard'),
  message('Multi day'),
  // surface
  message('Paved'),
  message('Mostly paved'),
  message('Mixed surfaces'),
  message('Mostly unpaved'),
  // activity_type
  message('Cycling, generic'),
  message('Cycling, road'),
  message('Cycling, gravel'),
  message('Cycling, cyclocross'),
  message('Cycling, mountain'),
  message('Cycling, recumbent'),
  message('Cycling, hand cycling'),
  message('Cycling, commute'),
  message('Cycling, indoor'),
  message('Cycling, virtual'),
  message('E biking, generic'),
  message('E biking, road'),
  message('E biking, mountain'),
  message('Running, generic'),
  message('Running, road'),
  message('Running, trail'),
  message('Running, indoor'),
  message('Walking, generic'),
  message('Walking, hiking'),
  message('Walking, indoor'),
  message('Walking, speed'),
  message('Swimming, generic'),
  message('Swimming, lap'),
  message('Swimming, open water'),
  message('Snow, generic'),
  message('Snow, alpine skiing'),
  message('Snow, cross country skiing'),
  message('Snow, snowboarding'),
  message('Snow, snowshoeing'),
  message('Driving, generic'),
  message('Motorcycling, generic'),
  message('Motorcycling, atv'),
  message('Motorcycling, motocross'),
  message('Training, generic'),
  message('Training, strength'),
  message('Training, cardio'),
  message('Training, breathing'),
  message('Training, yoga'),
  message('Training, hiit'),
  message('Other, generic'),
  message('Unknown, generic'),
]);
