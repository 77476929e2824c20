import { type LngLat, type Map as MapLibre, Popup } from 'maplibre-gl';

import { say } from '../say.ts';

/** More than this of one place is no list to choose from. */
const MOST = 20;

/** Opens a small list of what lies at one place. The words come from the server, as in the library. */
export async function listItems(items: string[], at: LngLat, map: MapLibre): Promise<void> {
  if (items.length === 0) return;
  const parameters = new URLSearchParams(items.slice(0, MOST).map((item) => ['item', item]));
  const answer = await fetch(`/map/items?${parameters}`);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const list = page.querySelector('.map-items');
  if (!answer.ok || !list) return location.reload();
  const content = document.createElement('div');
  content.append(list);
  if (items.length > MOST) {
    const more = document.createElement('p');
    more.className = 'quiet';
    more.textContent = say`And ${items.length - MOST} more here: come nearer.`;
    content.append(more);
  }
  const popup = new Popup({ closeButton: false, maxWidth: '280px', offset: 8 });
  popup.setLngLat(at).setDOMContent(content).addTo(map);
  content.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    popup.remove();
    map.getCanvas().focus();
  });
}
