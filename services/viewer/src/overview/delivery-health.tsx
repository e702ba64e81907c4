import type { TimeRange } from "../time/time-range.ts";
export function DeliveryHealth(_: { readonly range: TimeRange }) {
  return null;
}
