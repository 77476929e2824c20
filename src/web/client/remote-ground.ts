import { addProtocol, type MapOptions, type StyleSpecification } from 'maplibre-gl';

const PROTOCOL = 'elsewhere';

let fetched: Promise<StyleSpecification> | undefined;

/** A style of somebody else, fetched once a page. Its layers get names that ours do not have. */
export async function fetchRemote(styleUrl: string): Promise<StyleSpecification> {
  fetched ??= ask(styleUrl).then((answer) => answer.json());
  const style = await fetched;
  return { ...style, layers: style.layers.map((layer) => ({ ...layer, id: `ground-${layer.id}` })) };
}

/**
 * Lets everything of others be fetched here instead of in the map's worker. The policy of this page alone then says where a request may go
 * (a worker has one of its own, and ours may ask nobody but us), and none of them tells who is looking at what.
 */
export function remoteRequests(): Pick<MapOptions, 'transformRequest'> {
  addProtocol(PROTOCOL, async ({ url, type }, { signal }) => {
    const answer = await ask(url.slice(`${PROTOCOL}://`.length), signal);
    const expiry = { cacheControl: answer.headers.get('cache-control'), expires: answer.headers.get('expires') };
    return { data: type === 'json' ? await answer.json() : await answer.arrayBuffer(), ...expiry };
  });
  return {
    transformRequest: (url) => ({
      url: new URL(url, location.href).origin === location.origin ? url : `${PROTOCOL}://${url}`,
    }),
  };
}

async function ask(url: string, signal?: AbortSignal): Promise<Response> {
  const answer = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer', ...(signal && { signal }) });
  if (!answer.ok)
    throw Object.assign(new Error(`${new URL(url).host} answered ${answer.status}.`), { status: answer.status });
  return answer;
}
