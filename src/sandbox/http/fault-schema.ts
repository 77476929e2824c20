import { z } from 'zod';
import type { FaultSettings } from '../faults.ts';

const status = z.int().min(200).max(599);
const count = z.int().min(0);
const milliseconds = z.number().min(0).max(600_000);
const retryAfter = z.union([z.number(), z.string()]).nullable();
const items = <Value extends z.ZodType>(value: Value) => z.record(z.string().regex(/^(route|trip)\/\d+$/), value);

/** Faults as JSON: a name nobody knows is refused, so that a typing error does not look like a fault without effect. */
export const faultSchema: z.ZodType<Partial<FaultSettings>> = z.strictObject({
  latencyMs: milliseconds.exactOptional(),
  itemLatencyMs: items(milliseconds).exactOptional(),
  hangItems: z.array(z.string()).exactOptional(),
  statusItems: items(status).exactOptional(),
  rateLimit: z.strictObject({ remaining: count, retryAfter }).nullable().exactOptional(),
  cutAnswers: count.exactOptional(),
  resets: count.exactOptional(),
  lyingLengths: z.array(z.int()).exactOptional(),
  redirects: z.strictObject({ remaining: count, to: z.string() }).nullable().exactOptional(),
  endlessItems: z.array(z.string()).exactOptional(),
  bombItems: items(count).exactOptional(),
  nextStatus: z.array(status).exactOptional(),
  nextRetryAfter: retryAfter.exactOptional(),
  htmlInsteadOfJson: count.exactOptional(),
  proxyStatus: status.nullable().exactOptional(),
  bodies: z.record(z.string().regex(/^(?:(?:route|trip)\/\d+|\/.+)$/), z.string()).exactOptional(),
  onlyRider: z.int().nullable().exactOptional(),
  down: z.boolean().exactOptional(),
  clockOffsetMs: z.number().exactOptional(),
  errorsArray: z.boolean().exactOptional(),
  legacyShape: z.enum(['typed', 'root']).exactOptional(),
  urlOrigin: z.string().nullable().exactOptional(),
  tokenWithoutUser: z.boolean().exactOptional(),
});
