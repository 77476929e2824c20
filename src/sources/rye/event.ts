import type { Statement } from '../../vocabulary.ts';
import { isObject, jsonBytes, word } from '../element.ts';

/** What of Rye is mirrored. */
const TYPES = ['order', 'product', 'checkout_intent', 'shipment'] as const;
type RyeType = (typeof TYPES)[number];

/** What one event of either dialect says, and of what. */
interface RyeEvent {
  type: RyeType;
  id: string;
  /** The provider's word for it. */
  action: string;
  /** A state, not a hint: it holds as of `createdAt`, the signed instant by which the provider says that its events are ordered. */
  statement: Statement;
}

type EventRead = { ok: true; event: RyeEvent } | { ok: false; why: string };

/** UUIDs, `ci_…`, ASINs, Shopify's numbers: what can be written in a path, and never a step in one. */
export const isId = (text: string): boolean => /^[A-Za-z0-9][\w.:-]{0,127}$/.test(text);

/** Each part alone may be wrong without the others being unreadable: it is as if it were not there. */
interface Fields {
  type: string | undefined;
  createdAt: string | undefined;
  requestId: string | undefined;
  marketplace: string | undefined;
  source: { type: string | undefined; id: string | undefined } | undefined;
  data: Data | undefined;
}

interface Data extends Product {
  orderId: string | undefined;
  productId: string | undefined;
  product: Product | undefined;
}

interface Product {
  id: string | undefined;
  marketplace: string | undefined;
}

function fieldsOf(value: unknown): Fields | undefined {
  if (!isObject(value)) return undefined;
  const { type, createdAt, requestId, marketplace, source, data } = value;
  return {
    type: text(type),
    createdAt: INSTANT.test(text(createdAt) ?? '') ? text(createdAt) : undefined,
    requestId: id(requestId),
    marketplace: text(marketplace),
    source: isObject(source) ? { type: text(source.type), id: id(source.id) } : undefined,
    data: isObject(data) ? dataOf(data) : undefined,
  };
}

const dataOf = ({ orderId, productId, product, ...own }: Record<string, unknown>): Data => ({
  ...productOf(own),
  orderId: id(orderId),
  productId: id(productId),
  product: isObject(product) ? productOf(product) : undefined,
});

const productOf = (product: Record<string, unknown>): Product => ({
  id: id(product.id),
  marketplace: text(product.marketplace),
});

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function id(value: unknown): string | undefined {
  const written = Number.isSafeInteger(value) ? String(value) : text(value);
  return written !== undefined && isId(written) ? written : undefined;
}

export function readEvent(value: unknown): EventRead {
  const fields = fieldsOf(value);
  if (!fields) return { ok: false, why: 'is not an object' };
  if (!fields.type) return { ok: false, why: 'names no type' };
  const version = instantIn(fields.createdAt);
  if (!version) return { ok: false, why: 'does not say when it was created, so it cannot be put in order' };
  const about = fields.source ? ofV2(fields, fields.source) : ofV1(fields, fields.type);
  if (!about.ok) return about;
  const body = about.deletes ? null : jsonBytes(value);
  if (body === undefined) return { ok: false, why: 'is nested too deeply to be kept' };
  const { type, id } = about;
  return { ok: true, event: { type, id, action: word(fields.type, 60), statement: { version, body } } };
}

type About = { ok: true; type: RyeType; id: string; deletes: boolean } | { ok: false; why: string };

/** `{source: {type, id}}` says it. */
function ofV2(
  { type: action = '' }: Fields,
  { type, id }: { type?: string | undefined; id?: string | undefined },
): About {
  const known = TYPES.find((each) => each === type);
  if (!known || known === 'order') return unknownKind(type);
  if (!id) return { ok: false, why: `does not say which ${known} it is about` };
  return { ok: true, type: known, id, deletes: known === 'product' && /\.(removed|deleted)$/.test(action) };
}

/**
 * v1 says it by its type: `PRODUCT_…` and `SHOPIFY_PRODUCT_…` are about a product, what else has a `requestId` is about the order that
 * this request became ("can be interpreted as the order ID": Rye's page "Webhook updates"): `ORDER_…`, `PAYMENT_…`, `REFUND_…`,
 * `TRACKING_…`, `RETURN_…`. The examples of its page "Events" have a product's id in `data.product.id`, and an order's in `requestId`.
 */
function ofV1({ data, requestId }: Fields, type: string): About {
  if (/^(SHOPIFY_)?PRODUCT_/.test(type)) {
    const id = data?.productId ?? data?.product?.id ?? data?.id;
    if (!id) return { ok: false, why: 'does not say which product it is about' };
    return { ok: true, type: 'product', id, deletes: type.endsWith('PRODUCT_DELETED') };
  }
  const id = data?.orderId ?? requestId;
  if (id) return { ok: true, type: 'order', id, deletes: false };
  return /^(ORDER|PAYMENT|REFUND|TRACKING|RETURN)_/.test(type)
    ? { ok: false, why: 'does not say which order it is about' }
    : unknownKind(type);
}

const unknownKind = (type: string | undefined): About => ({
  ok: false,
  why: `is about something that Slipstream does not know (${word(type ?? 'unnamed', 60)})`,
});

/** In which shop a product of v1 is: needed to ask for it. */
export function marketplaceIn(value: unknown): string | undefined {
  const { marketplace, data } = fieldsOf(value) ?? {};
  return marketplace ?? data?.marketplace ?? data?.product?.marketplace;
}

/** Of v2: it has a source. */
export const isV2 = (value: unknown): boolean => fieldsOf(value)?.source !== undefined;

/** In UTC with milliseconds, so that texts compare as instants do. */
export function instantIn(text: unknown): string | undefined {
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) return undefined;
  const instant = new Date(time).toISOString();
  // Of years beyond 9999 and before 0 the text does not compare.
  return /^\d{4}-/.test(instant) ? instant : undefined;
}
