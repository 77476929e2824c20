import { describe, expect, test } from 'vitest';
import type { StoredPhoto } from '../../src/storage/photos.ts';
import { gearFact } from '../../src/web/gear.ts';
import { photoSection } from '../../src/web/photos.ts';
import { pointsOfInterest } from '../../src/web/points-of-interest.ts';
import { trip } from './fixtures.ts';

const HASH = 'ab'.repeat(32);
const COPY: StoredPhoto = {
  id: '1',
  state: 'copied',
  picture: { hash: HASH, bytes: 1_000, media: 'image/jpeg', width: 1_600, height: 1_200 },
};
const named = (over: object = {}) => ({ id: 1, url: 'https://ridewithgps.com/photos/1/large.jpg', ...over });
const shown = (photos: unknown, stored: StoredPhoto[] = []) => photoSection(trip(), { photos }, stored)?.markup ?? '';

describe('the photos of an item', () => {
  test('are pictures of our own store, with their size, a caption or at least a name, and a link to the whole', () => {
    const markup = shown([named({ caption: 'Hairpin <11>' }), named({ caption: null })], [COPY]);
    expect(markup).toContain(
      `<a href="/photos/${HASH}"><img src="/photos/${HASH}" width="1600" height="1200" alt="Hairpin &lt;11&gt;" loading="lazy"`,
    );
    expect(markup).toContain('<figcaption>Hairpin &lt;11&gt;</figcaption>');
    expect(markup).toContain('alt="Photo 2 of Vršič before breakfast"');
    expect(markup).not.toContain('ridewithgps.com');
    expect(markup).not.toContain('<form');
  });

  test.each([
    [undefined, 'Not copied yet. It will be in a moment.'],
    [{ state: 'waiting', problem: null }, 'Not copied yet. It will be in a moment.'],
    [{ state: 'waiting', problem: 'unreachable' }, 'could not be reached. It is tried again by itself.'],
    [{ state: 'failed', problem: 'too-large' }, 'larger than 20 MB'],
    [{ state: 'failed', problem: 'elsewhere' }, 'asks nobody else'],
    [{ state: 'failed', problem: 'missing' }, 'does not give it out'],
  ] as const)('that are not here say why: %o', (state, words) => {
    const markup = shown([named({ caption: 'Lunch' })], state ? [{ id: '1', ...state }] : []);
    expect(markup).toContain(words);
    expect(markup).toContain('<figcaption>Lunch</figcaption>');
    expect(markup).not.toMatch(/<img|ridewithgps\.com/);
    expect(markup.includes('action="/trips/90210/photos/retry"')).toBe(state?.problem === 'missing');
  });

  test('are no section where there are none, and what is no photo is left out', () => {
    for (const photos of [undefined, [], 'photos', [null, 7]]) expect(shown(photos)).toBe('');
    expect(shown([{ caption: 'No address' }])).toContain('is no picture');
  });
});

describe('points of interest', () => {
  const listed = (...points: unknown[]) => pointsOfInterest({ points_of_interest: points })?.markup ?? '';

  test('are listed with what they are, and lead to their place on the map and to pages only', () => {
    const cafe = {
      type_name: 'Coffee',
      name: 'Café <Mühle>',
      description: 'Cake',
      url: 'https://cafe.example/?a=1&b=2',
      lng: 14.5,
      lat: 46.25,
    };
    const markup = listed(cafe, { type: 'rest_stop', name: '' }, 'not a point', {});
    expect(markup).toContain('<a href="#ground" data-lng="14.5" data-lat="46.25">Café &lt;Mühle&gt;</a>');
    expect(markup).toContain('<a href="https://cafe.example/?a=1&amp;b=2" rel="noreferrer">cafe.example</a>');
    expect(markup).toContain('<span class="quiet">Coffee</span>');
    expect(markup).toContain('<p class="quiet note">Cake</p>');
    expect(markup).toContain('<strong>Rest stop</strong>');
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    '//evil.example',
    '/api/v1',
    'https://x.example/api/v1/points_of_interest/1.json',
    7,
  ])('%s is no page', (url) => expect(listed({ name: 'Fountain', url })).not.toContain('href'));

  test('are no section where there are none', () => {
    for (const body of [{}, { points_of_interest: [] }, { points_of_interest: {} }])
      expect(pointsOfInterest(body)).toBeNull();
  });
});

describe('gear', () => {
  test('is what was ridden, and leads to everything else that was', () => {
    const gear = { id: 3, make: 'Basso', model: 'Palta', description: 'The <old> one', exclude_from_totals: true };
    const markup = gearFact(trip(), { gear })?.markup;
    expect(markup).toContain('<strong>Basso Palta</strong>');
    expect(markup).toContain('The &lt;old&gt; one');
    expect(markup).toContain('Not in the totals');
    expect(markup).toContain('href="/library?gear=3"');
  });

  test('that nobody named or that is not there is not made up', () => {
    expect(gearFact(trip({ gear_id: '', gear_name: '' }), { gear: null })).toBeNull();
    expect(gearFact(trip({ gear_id: '9', gear_name: '' }), {})?.markup).toContain('Without a name');
  });
});
