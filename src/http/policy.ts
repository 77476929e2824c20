import type { Config } from '../config.ts';

/**
 * What a page may load and from where: ours alone. The script of the map fetches a foreign style and all that it names by itself, pictures
 * too, so the origins of one may be connected to and no more.
 */
export function policyOf({ ridewithgps }: Config, remote: readonly string[] = []): Record<string, string[]> {
  return {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'font-src': ["'self'"],
    'img-src': ["'self'", 'data:', 'blob:'],
    'connect-src': ["'self'", ...remote],
    'worker-src': ["'self'"],
    // The form with the set-up code goes on to the provider by way of a redirect.
    'form-action': ["'self'", ridewithgps.baseUrl],
    'base-uri': ["'none'"],
    'frame-ancestors': ["'none'"],
  };
}

/** As the header has it. */
export function policyText(policy: Record<string, string[]>): string {
  return Object.entries(policy)
    .map(([name, values]) => [name, ...values].join(' '))
    .join(';');
}
