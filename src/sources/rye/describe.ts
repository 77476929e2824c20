import type { Description } from '../../storage/items.ts';
import type { Key } from '../../vocabulary.ts';
import { isObject } from '../element.ts';
import { instantIn, isV2, readEvent } from './event.ts';

const MOST_WORDS = 2_000;
const MOST_WORD = 100;
const DEEPEST = 8;

type Body = Record<string, unknown>;

/**
 * What lists and search show of a record. Its body is one of three: a checkout intent as it was asked for; an event; or an event and
 * beside it, under the record's type, what Rye said of it when the event came.
 */
export function describeRecord(body: Body, { type }: Pick<Key, 'type'>): Description {
  const isIntent = type === 'checkout_intent' && !isV2(body);
  const event = isObject(body.event) ? body.event : isIntent ? undefined : body;
  const { title, summary } = event ? ofEvent(event, body) : ofIntent(body);
  const at = instantIn((event ?? body).updatedAt) ?? instantIn((event ?? body).createdAt) ?? '';
  return {
    version: at,
    owned: true,
    title,
    happenedAt: at,
    ride: null,
    record: { summary, words: wordsIn(body) },
    photos: [],
    outline: null,
  };
}

function ofIntent({ id, productUrl, state, quantity, offer }: Body): { title: string; summary: string } {
  const total = moneyIn(pathIn(offer, 'cost', 'total'));
  const pieces = typeof quantity === 'number' ? `${quantity} ${quantity === 1 ? 'piece' : 'pieces'}` : '';
  return {
    title: `Checkout of ${shopIn(productUrl) || textIn(id)}`,
    summary: joined([plain(textIn(state)), pieces, total]),
  };
}

function ofEvent(event: Body, body: Body): { title: string; summary: string } {
  const read = readEvent(event);
  if (!read.ok) return { title: textIn(event.type), summary: '' };
  const { type, id } = read.event;
  const data = isObject(event.data) ? event.data : {};
  const now = body.event === event && isObject(body[type]) ? body[type] : {};
  const happened = plain(textIn(event.type).replace(/^\w+\./, ''));
  switch (type) {
    case 'order':
      return {
        title: `Order ${id}`,
        summary: joined([happened, plain(textIn(now.status)), shopOf(event, data), moneyIn(data.amount)]),
      };
    case 'product': {
      const product = isObject(data.product) ? data.product : data;
      const title = textIn(now.title) || textIn(product.title) || textIn(product.name) || `Product ${id}`;
      return {
        title,
        summary: joined([
          happened,
          shopOf(event, data),
          textIn(now.vendor) || textIn(product.vendor),
          moneyIn(now.price) || moneyIn(product.price),
        ]),
      };
    }
    case 'shipment':
      return {
        title: `Shipment ${id}`,
        summary: joined([
          plain(textIn(now.status)) || happened,
          textIn(pathIn(now, 'tracking', 'carrierName')),
          textIn(pathIn(now, 'tracking', 'number')),
        ]),
      };
    case 'checkout_intent':
      return { title: `Checkout ${id}`, summary: joined([happened]) };
  }
}

/** `OFFER_RETRIEVED` and `offer_retrieved` as people write it. */
const plain = (word: string): string => {
  const words = word.replaceAll('_', ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const shopOf = (event: Body, data: Body): string => plain(textIn(data.marketplace) || textIn(event.marketplace));

/** Host and path of a product's page. */
function shopIn(url: unknown): string {
  const parsed = URL.parse(textIn(url));
  return parsed ? `${parsed.host}${parsed.pathname === '/' ? '' : parsed.pathname}` : '';
}

/** `{displayValue}` in v1; `{currencyCode, amountSubunits}` in v2. Of anything else the unit is unknown. */
function moneyIn(value: unknown): string {
  if (!isObject(value)) return '';
  const { displayValue, currencyCode, amountSubunits } = value;
  if (typeof displayValue === 'string') return displayValue;
  return typeof amountSubunits === 'number' && typeof currencyCode === 'string'
    ? moneyOf(amountSubunits, currencyCode)
    : '';
}

/** How many subunits a currency has is the currency's own. */
function moneyOf(subunits: number, currency: string): string {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency });
    return format.format(subunits / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
  } catch (error) {
    // No currency.
    if (error instanceof RangeError) return '';
    throw error;
  }
}

const pathIn = (value: unknown, ...names: string[]): unknown =>
  names.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), value);

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

/** An order's status is often what its event says. */
const joined = (parts: readonly string[]): string => [...new Set(parts)].filter((part) => part !== '').join(', ');

/** Every short text in it, since events of v1 have fields that are documented nowhere. */
function wordsIn(body: Body): string {
  const words = new Set<string>();
  let length = 0;
  const collect = (value: unknown, depth: number): void => {
    if (length > MOST_WORDS || depth > DEEPEST) return;
    if (typeof value === 'string' && value !== '' && value.length <= MOST_WORD && !words.has(value)) {
      words.add(value);
      length += value.length + 1;
    } else if (typeof value === 'object' && value !== null) {
      for (const each of Object.values(value)) collect(each, depth + 1);
    }
  };
  collect(body, 0);
  return [...words].join(' ');
}
