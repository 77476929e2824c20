import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { Agent, request } from 'undici';
import { type ClientConfig, type Config, isPublic } from '../../config.ts';
import { withControl } from '../control.ts';
import { failed, ok, type Verdict, warning } from './verdict.ts';

const BODY = '{"notifications":[]}';
/** The provider waits this long, and sends nothing twice. */
const PATIENCE_MS = 1_000;
const LIMIT_MS = 10_000;

/** The way a webhook takes: the name, the proxy, the signature, the disk. */
export async function publicAddress(config: Config): Promise<Verdict[]> {
  const running = await withControl(config, (control) => control.running());
  const verdicts = [isRunning(running, config), await resolves(config)];
  const signing = config.ridewithgps.clients.filter(({ webhookSecrets }) => webhookSecrets.length > 0);
  if (signing.length === 0) return [...verdicts, ok(DELIVERY, 'No API client with webhooks is configured: polling.')];
  if (!running) return [...verdicts, warning(DELIVERY, 'Not tried: Slipstream has to run for it.')];
  for (const client of signing) verdicts.push(await testDelivery(config.publicUrl, client));
  return verdicts;
}

const DELIVERY = 'test delivery';

function isRunning(running: boolean, { dataDir, databaseUrl }: Config): Verdict {
  if (running) return ok('running', `Slipstream runs for ${dataDir}.`);
  if (databaseUrl !== undefined) {
    return warning(
      'running',
      `No "slipstream serve" or "slipstream receive" runs here for ${dataDir}. Run this where one runs, with its DATA_DIR, to have everything checked.`,
    );
  }
  return warning(
    'running',
    `Slipstream does not run for ${dataDir}. Start it with npm start to have everything checked.`,
  );
}

async function resolves(config: Config): Promise<Verdict> {
  const { hostname } = new URL(config.publicUrl);
  if (!isPublic(config)) {
    return warning(
      'public address',
      `PUBLIC_URL is ${config.publicUrl}: Ride With GPS cannot send webhooks there, so changes are found by looking regularly. For webhooks set it to an address that the internet reaches.`,
    );
  }
  try {
    const { address } = await lookup(hostname.replace(/^\[|\]$/g, ''));
    return ok('public address', `${hostname} is ${address}.`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return failed(
      'public address',
      `The name ${hostname} of PUBLIC_URL is not known (${code}), so no webhook arrives and nobody can come back from connecting. Add it to your DNS, or correct PUBLIC_URL.`,
    );
  }
}

async function testDelivery(publicUrl: string, { apiKey, webhookSecrets }: ClientConfig): Promise<Verdict> {
  const [secret = ''] = webhookSecrets;
  const url = `${publicUrl}/webhooks/ridewithgps`;
  const agent = new Agent({ connect: { timeout: LIMIT_MS } });
  const began = performance.now();
  try {
    const { statusCode, headers, body } = await request(url, {
      method: 'POST',
      dispatcher: agent,
      signal: AbortSignal.timeout(LIMIT_MS),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Slipstream doctor',
        'x-rwgps-api-key': apiKey,
        'x-rwgps-signature': createHmac('sha256', secret).update(BODY).digest('hex'),
      },
      body: BODY,
    });
    await body.dump();
    return answered(url, statusCode, String(headers.location ?? ''), Math.round(performance.now() - began));
  } catch (error) {
    return unanswered(url, error);
  } finally {
    await agent.destroy();
  }
}

function answered(url: string, status: number, location: string, ms: number): Verdict {
  if (status === 200 && ms <= PATIENCE_MS) {
    return ok(DELIVERY, `A signed delivery through ${url} was acknowledged after ${ms} ms.`);
  }
  if (status === 200) {
    return failed(
      DELIVERY,
      `${url} acknowledged after ${ms} ms. Ride With GPS waits 1,000 and sends nothing twice, so webhooks get lost: look for what is slow between it and Slipstream.`,
    );
  }
  return failed(DELIVERY, `${url} answered ${status}${location && ` → ${location}`}. ${meaningOf(status)}`);
}

const MEANINGS: Record<number, string> = {
  401: 'Whoever answers there knows another secret: the running Slipstream was started with other credentials than these (restart it), or the address leads to another installation.',
  404: 'The proxy does not hand /webhooks/ridewithgps on to Slipstream, or hands on only a part of the path. Let it hand on everything, unchanged.',
  405: 'Something on the way turns POST into GET, or answers itself. Let the proxy hand on everything, unchanged.',
  413: 'The proxy takes smaller bodies than 1 MiB. Raise its limit.',
  415: 'Something on the way changes the content type or compresses the body. Let the proxy hand it on unchanged.',
  502: 'The proxy does not reach Slipstream. Check the address it hands on to, and HOST and PORT.',
  503: 'Slipstream could not store it, or the proxy does not reach Slipstream. Check the disk, then the proxy.',
  504: 'The proxy does not reach Slipstream in time. Check the address it hands on to, and HOST and PORT.',
};

function meaningOf(status: number): string {
  const meaning = MEANINGS[status];
  if (meaning !== undefined) return meaning;
  if (status >= 300 && status < 400) {
    return 'Ride With GPS follows no redirect. Set PUBLIC_URL to the final address (https, with or without www), and enter that one as the webhook URL.';
  }
  return 'A webhook wants 200. Look at the log of the proxy and of Slipstream.';
}

const REASONS: Record<string, string> = {
  ECONNREFUSED:
    'Nobody listens there. Start the proxy, or correct PUBLIC_URL; on this machine compare its port with PORT.',
  ENOTFOUND: 'The name is not known. Add it to your DNS, or correct PUBLIC_URL.',
  EAI_AGAIN: 'The name could not be looked up. Check the DNS of this machine.',
  UND_ERR_CONNECT_TIMEOUT:
    'Nobody answers there. A firewall may be in the way, or the router does not hand the port on.',
  CERT_HAS_EXPIRED: 'The certificate has expired. Renew it.',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'The certificate is self-signed, which Ride With GPS does not accept. Get one, for example from Let’s Encrypt.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for another name. Get one for the name in PUBLIC_URL.',
};

function unanswered(url: string, error: unknown): Verdict {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const reason = timedOut
    ? 'There was no answer within ten seconds. Slipstream or the proxy hangs; some routers do not let you reach your own public address from inside, then try it from outside.'
    : (REASONS[code] ?? (error instanceof Error ? error.message : String(error)));
  return failed(DELIVERY, `${url} gave no answer${code && ` (${code})`}. ${reason}`);
}
