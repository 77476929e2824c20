import { randomUUID } from 'node:crypto';

export type Fields = Record<string, unknown>;

/** One event as it is sent, in either dialect. */
export interface Event extends Fields {
  id: string;
  type: string;
  createdAt: string;
}

export interface RyeWorld {
  /** v1. Each verb makes one event and announces it. */
  v1: {
    order(type: string, requestId: string, data?: Fields): Event;
    product(type: string, id: string, product?: Fields): Event;
  };
  /** v2. The same; the event is listed too. */
  v2: {
    intent(type: string, id: string, intent: Fields): Event;
    shipment(type: string, id: string, shipment: Fields): Event;
    product(type: string, id: string, product?: Fields): Event;
  };
  /** What the APIs answer with, by id. */
  orders: Map<string, Fields>;
  products: Map<string, Fields>;
  intents: Map<string, Fields>;
  shipments: Map<string, Fields>;
  /** Of v2, oldest first. */
  events: readonly Event[];
}

/** A shop's world, in memory. */
export function createWorld(developerId: string, announce: (event: Event) => void, now: () => number): RyeWorld {
  const events: Event[] = [];
  const [orders, products, intents, shipments] = [0, 1, 2, 3].map(() => new Map<string, Fields>()) as [
    Map<string, Fields>,
    Map<string, Fields>,
    Map<string, Fields>,
    Map<string, Fields>,
  ];
  let lastAt = 0;

  /** No two events are of the same millisecond, so that their order can be told. */
  function instant(): string {
    lastAt = Math.max(now(), lastAt + 1);
    return new Date(lastAt).toISOString();
  }

  function ofV1(type: string, rest: Fields): Event {
    const event = { id: randomUUID(), developerId, type, createdAt: instant(), ...rest };
    announce(event);
    return event;
  }

  function ofV2(type: string, source: { type: string; id: string }, data?: Fields): Event {
    const event = {
      id: `evt_${randomUUID().replaceAll('-', '')}`,
      object: 'event',
      createdAt: instant(),
      source,
      type,
      ...(data && { data }),
    };
    events.push(event);
    announce(event);
    return event;
  }

  return {
    v1: {
      order(type, requestId, data = {}) {
        orders.set(requestId, { id: requestId, status: type, marketplace: 'SHOPIFY', shipments: [] });
        return ofV1(type, { requestId, data: { marketplace: 'shopify', ...data } });
      },
      product(type, id, product = {}) {
        if (type.endsWith('DELETED')) products.delete(id);
        else products.set(id, { id, ...product });
        return ofV1(type, { marketplace: 'amazon', data: { product: { id, ...product } } });
      },
    },
    v2: {
      intent(type, id, intent) {
        intents.set(id, { id, createdAt: instant(), ...intents.get(id), ...intent });
        return ofV2(type, { type: 'checkout_intent', id });
      },
      shipment(type, id, shipment) {
        const updatedAt = instant();
        shipments.set(id, { id, createdAt: updatedAt, ...shipments.get(id), ...shipment, updatedAt });
        return ofV2(type, { type: 'shipment', id });
      },
      // Their events are snapshots, and one about what is gone has none.
      product: (type, id, product) => ofV2(type, { type: 'product', id }, product && { id, ...product }),
    },
    orders,
    products,
    intents,
    shipments,
    events,
  };
}
