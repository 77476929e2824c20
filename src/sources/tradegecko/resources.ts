import { digitsIn } from '../element.ts';

/**
 * What the provider has, by the singular that types of records are named with, and the path that it is listed and fetched under.
 * Source: the official client library (github.com/tradegecko/gecko) and the provider's pages of each resource. Its accounts are left
 * out: the one that a token is for is asked for by name.
 */
const PATHS = {
  order: 'orders',
  order_line_item: 'order_line_items',
  fulfillment: 'fulfillments',
  fulfillment_line_item: 'fulfillment_line_items',
  fulfillment_return: 'fulfillment_returns',
  fulfillment_return_line_item: 'fulfillment_return_line_items',
  invoice: 'invoices',
  invoice_line_item: 'invoice_line_items',
  payment: 'payments',
  product: 'products',
  variant: 'variants',
  image: 'images',
  company: 'companies',
  contact: 'contacts',
  address: 'addresses',
  note: 'notes',
  purchase_order: 'purchase_orders',
  purchase_order_line_item: 'purchase_order_line_items',
  procurement: 'procurements',
  stock_adjustment: 'stock_adjustments',
  stock_adjustment_line_item: 'stock_adjustment_line_items',
  stock_transfer: 'stock_transfers',
  stock_transfer_line_item: 'stock_transfer_line_items',
  location: 'locations',
  currency: 'currencies',
  price_list: 'price_lists',
  payment_term: 'payment_terms',
  tax_type: 'tax_types',
  tax_component: 'tax_components',
  user: 'users',
} as const;

export type ResourceType = keyof typeof PATHS;

export const RESOURCE_TYPES = Object.keys(PATHS) as ResourceType[];

export const pathOf = (type: ResourceType): string => PATHS[type];

/** Singular (the client library) or plural (the provider's page on webhooks). */
export const typeNamed = (name: string): ResourceType | undefined => NAMES.get(name);

const NAMES = new Map<string, ResourceType>(
  RESOURCE_TYPES.flatMap((type) => [
    [type, type],
    [PATHS[type], type],
  ]),
);

export const idIn = digitsIn;
