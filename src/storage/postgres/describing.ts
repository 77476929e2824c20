import { DESCRIPTION, type Description } from '../items.ts';
import type { RideColumns } from '../library.ts';
import { countryName, nameKey } from '../list-keys.ts';
import type { Queries } from './database.ts';
import { createOutlineWriter } from './lines.ts';
import { createPhotoNotes } from './photos.ts';
import { searchWords } from './search-words.ts';

/** Whose description it is. */
interface Described {
  item: number;
  accountId: number;
  /** The provider's. */
  id: string;
  title: string;
}

const RIDE_COLUMNS = [
  ...['description', 'visibility', 'locality', 'administrative_area', 'country_code', 'activity_type', 'distance'],
  ...['elevation_gain', 'elevation_loss', 'duration', 'moving_time', 'avg_speed', 'departed_at', 'created_at'],
  ...['thumbnail', 'gear_id', 'gear_name', 'calories', 'country', 'name_key', 'described', 'highest'],
];
const UPSERT_RIDE = `
  INSERT INTO rides (item, ${RIDE_COLUMNS.join(', ')}) VALUES (@item, ${RIDE_COLUMNS.map((name) => `@${name}`).join(', ')})
  ON CONFLICT (item) DO UPDATE SET ${RIDE_COLUMNS.map((name) => `${name} = excluded.${name}`).join(', ')}`;

/** Whatever lists, search, maps and photos need of an item beside its body. */
export function createDescriber(
  queries: Queries,
): (described: Described, description: Omit<Description, 'title'>, now: number) => Promise<void> {
  const notePhotos = createPhotoNotes(queries);
  const writeOutline = createOutlineWriter(queries);

  async function writeRide({ item, accountId, title }: Described, ride: RideColumns): Promise<void> {
    const country = countryName(ride.country_code);
    await queries.run(UPSERT_RIDE, {
      ...ride,
      ...{ item, country, name_key: nameKey(title), described: DESCRIPTION, thumbnail: JSON.stringify(ride.thumbnail) },
    });
    const { description, locality, administrative_area, country_code } = ride;
    const texts = [title, description, locality, administrative_area, country, country_code];
    await writeWords(item, searchWords(accountId, texts));
  }

  async function writeRecord(
    { item, accountId, id, title }: Described,
    { summary, words }: { summary: string; words: string },
  ): Promise<void> {
    await queries.run(
      `INSERT INTO records (item, summary, words) VALUES (@item, @summary, @words)
      ON CONFLICT (item) DO UPDATE SET summary = excluded.summary, words = excluded.words`,
      { item, summary, words },
    );
    await writeWords(item, searchWords(accountId, [title, id, summary, words]));
  }

  async function writeWords(item: number, words: readonly string[]): Promise<void> {
    await queries.run(
      `INSERT INTO search (item, words) VALUES (@item, array_to_tsvector(@words::text[]))
      ON CONFLICT (item) DO UPDATE SET words = excluded.words`,
      { item, words },
    );
  }

  return async (described, { ride, record, photos, outline }, now) => {
    if (ride) await writeRide(described, ride);
    if (record) await writeRecord(described, record);
    await notePhotos(described.item, photos, now);
    await writeOutline(described.item, outline);
  };
}
