import type { Config } from '../../config.ts';
import { type Answer, createHttpClient, type HttpClient, LIMITS } from '../../http/client.ts';
import { headersOf } from '../../sources/ridewithgps/headers.ts';
import { failed, ok, type Verdict, warning } from './verdict.ts';

const LIMIT_MS = 10_000;
const CLOCK_MAY_DIFFER_MS = 5_000;
const WHO_AM_I = '/api/v1/users/current.json';

/** Is it there, does its clock agree with ours, does it know these credentials? */
export async function provider({ ridewithgps, publicUrl }: Config): Promise<Verdict[]> {
  const limits = { ...LIMITS, connectMs: LIMIT_MS, headersMs: LIMIT_MS, totalMs: LIMIT_MS };
  const http = createHttpClient(new URL(ridewithgps.baseUrl), limits);
  try {
    const answer = await http.get(WHO_AM_I, {});
    const verdicts = [reachable(ridewithgps.baseUrl, answer), clock(answer)];
    for (const { apiKey, oauth } of ridewithgps.clients) {
      if (oauth) verdicts.push(await oauthClient(http, apiKey, oauth, `${publicUrl}/connect/ridewithgps/callback`));
    }
    if (ridewithgps.authToken) verdicts.push(await authToken(http, ridewithgps.authToken));
    return verdicts;
  } catch (error) {
    return [unreachable(ridewithgps.baseUrl, error)];
  } finally {
    await http.close();
  }
}

/** Without a token it must refuse. */
function reachable(baseUrl: string, { status }: Answer): Verdict {
  if (status === 401) return ok('provider', `${baseUrl} answers.`);
  return failed(
    'provider',
    `${baseUrl} answers ${status} where Ride With GPS says 401, so something else is there. Check RWGPS_BASE_URL (usually unset) and any proxy on the way.`,
  );
}

function unreachable(baseUrl: string, error: unknown): Verdict {
  const why = error instanceof Error ? error.message : String(error);
  return failed(
    'provider',
    `${baseUrl} could not be reached (${why}). Nothing new arrives until it can: check the network, name resolution, a firewall, and RWGPS_BASE_URL. What is stored can still be looked at.`,
  );
}

function clock({ clockOffset }: Answer): Verdict {
  // The answer's time is in whole seconds.
  const apart = Math.round(Math.abs(clockOffset) / 1_000);
  if (Math.abs(clockOffset) <= CLOCK_MAY_DIFFER_MS)
    return ok('clock', "This machine's clock agrees with the provider's.");
  return warning(
    'clock',
    `This machine's clock is ${apart} s ${clockOffset > 0 ? 'behind' : 'ahead of'} the provider's. Nothing is lost, but delays and times on the pages are wrong by as much: let the system set its clock (NTP).`,
  );
}

/** A code that cannot be right: whether the code or the client is refused tells whether the client is known. */
async function oauthClient(
  http: HttpClient,
  apiKey: string,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
  redirectUri: string,
): Promise<Verdict> {
  const check = `API client ${apiKey}`;
  const { status, body } = await http.postJson(
    '/oauth/token.json',
    {},
    {
      grant_type: 'authorization_code',
      code: 'slipstream-doctor-asks-whether-you-know-this-client',
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uri: redirectUri,
    },
  );
  const answer = parsed(body);
  const error = isObject(answer) ? String(answer.error ?? '') : '';
  if (error === 'invalid_grant') return ok(check, 'The provider knows its id and secret.');
  if (error === 'invalid_client' || status === 401) {
    return failed(
      check,
      'The provider does not accept RWGPS_CLIENT_ID with RWGPS_CLIENT_SECRET, so nobody can connect. Copy both anew from Ride With GPS → Settings → Developers → API client.',
    );
  }
  return warning(
    check,
    `The provider's answer (${status}${error && `, ${error}`}) does not tell whether it knows the id and secret. Connecting in the browser will.`,
  );
}

async function authToken(http: HttpClient, { apiKey, token }: { apiKey: string; token: string }): Promise<Verdict> {
  const { status } = await http.get(WHO_AM_I, headersOf(token, { tokenKind: 'auth-token', client: apiKey }));
  if (status === 200) return ok('auth token', 'The provider accepts RWGPS_AUTH_TOKEN.');
  return failed(
    'auth token',
    `The provider does not accept RWGPS_AUTH_TOKEN with RWGPS_API_KEY (${status}). Make a new one at Ride With GPS → Settings → Developers → API client → Auth tokens.`,
  );
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // Not JSON is an answer too: somebody else's.
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
