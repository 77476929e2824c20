import type { LibraryItem } from '../storage/library.ts';
import type { PhotoProblem, StoredPhoto, StoredPicture } from '../storage/photos.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { itemName, itemPath } from './item-words.ts';
import { type Message, message, said, say } from './say.ts';

/** The anchor of the section. */
export const PHOTOS_SECTION = 'photos';

/** Where the page gets a picture from: our own store, and nobody else. */
export const photoPath = ({ hash }: Pick<StoredPicture, 'hash'>): string => `/photos/${hash}`;

/** The photos that the body names, in its order: the copies of those that are here, and of each other one why it is not. */
export function photoSection(
  item: LibraryItem,
  body: Record<string, unknown>,
  stored: readonly StoredPhoto[],
): Html | null {
  const copies = new Map(stored.map((photo) => [photo.id, photo]));
  const photos = (Array.isArray(body.photos) ? body.photos : []).flatMap(readPhoto);
  if (photos.length === 0) return null;
  const shown = photos.map(({ id, caption }, at) => {
    const name = caption === '' ? say`Photo ${at + 1} of ${itemName(item)}` : caption;
    return { caption, name, copy: id === '' ? NO_ADDRESS : (copies.get(id) ?? NOT_NOTED) };
  });
  const again = shown.some(({ copy }) => copy.state === 'failed' && WORTH_IT.has(copy.problem));
  return html`<section class="photos" id="${PHOTOS_SECTION}" aria-labelledby="photos-heading">
<h2 id="photos-heading">${say`Photos`}</h2>
<ul>${shown.map(one)}</ul>
${again && html`<form method="post" action="${itemPath(item)}/photos/retry"><button class="button">${say`Try to copy again`}</button></form>`}
</section>`;
}

const NO_ADDRESS: StoredPhoto = { id: '', state: 'failed', problem: 'no-picture' };
/** Until what an earlier version stored was looked through. */
const NOT_NOTED: StoredPhoto = { id: '', state: 'waiting', problem: null };

function one({ caption, name, copy }: { caption: string; name: string; copy: StoredPhoto }): Html {
  const words = caption !== '' && html`<figcaption>${caption}</figcaption>`;
  return html`<li><figure>${copy.state === 'copied' ? copied(copy.picture, name) : absent(copy)}${words}</figure></li>`;
}

/** The size is known, so nothing moves when it arrives. */
function copied(picture: StoredPicture, name: string): Html {
  const path = photoPath(picture);
  return html`<a href="${path}"><img src="${path}" width="${picture.width}" height="${picture.height}" alt="${name}" loading="lazy" decoding="async"></a>`;
}

function absent(copy: Exclude<StoredPhoto, { state: 'copied' }>): Html {
  const failed = copy.state === 'failed';
  return html`<p class="absent${failed && ' failed'}">${icon(failed ? 'attention' : 'sync')}<span>${whyAbsent(copy)}</span></p>`;
}

function whyAbsent({ state, problem }: Exclude<StoredPhoto, { state: 'copied' }>): string {
  if (problem === null) return say`Not copied yet. It will be in a moment.`;
  return state === 'failed' ? said(FAILED[problem]) : `${said(LATELY[problem])} ${say`It is tried again by itself.`}`;
}

/** The others would be answered the same. */
const WORTH_IT: ReadonlySet<PhotoProblem> = new Set(['no-picture', 'missing', 'unreachable']);

const FAILED: Record<PhotoProblem, Message> = {
  elsewhere: message('Not copied: this photo is not kept at Ride With GPS, and Slipstream asks nobody else.'),
  'too-large': message('Not copied: it is larger than 20 MB.'),
  'no-picture': message('Not copied: what Ride With GPS has here is no picture.'),
  missing: message('Not copied: Ride With GPS does not give it out.'),
  unreachable: message('Not copied: Ride With GPS could not be reached for it.'),
};

const LATELY: Record<PhotoProblem, Message> = {
  ...FAILED,
  missing: message('Not copied yet: Ride With GPS did not give it out.'),
  unreachable: message('Not copied yet: Ride With GPS could not be reached.'),
};

/** The body is the provider's and may have anything in it: what is no photo is left out. */
function readPhoto(value: unknown): { id: string; caption: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const { id, url, caption } = value as Record<string, unknown>;
  return [
    {
      id: typeof url === 'string' && (typeof id === 'number' || typeof id === 'string') ? String(id) : '',
      caption: typeof caption === 'string' ? caption.trim() : '',
    },
  ];
}
