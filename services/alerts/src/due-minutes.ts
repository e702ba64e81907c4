/** Which ends of windows are to be evaluated now: Unix s, whole minutes. */
export interface DueMinutes {
  readonly first: number;
  readonly last: number;
  /** All spans up to `last` are known to be there; otherwise they were waited for in vain. */
  readonly settled: boolean;
}

export interface Waiting {
  /** SDKs send in batches: what was received so long after a minute may still be of it, s. */
  readonly allowance: number;
  /** For a watermark that does not come, after the minute's end, s. */
  readonly patience: number;
  /** So far back what was missed is evaluated, s; before that it is too late to tell anybody. */
  readonly catchUp: number;
}

export const defaultWaiting: Waiting = { allowance: 10, patience: 75, catchUp: 6 * 3600 };

const minute = 60;
const floor = (time: number) => Math.floor(time / minute) * minute;

/** `watermark` and `now` are Unix s; `evaluatedTo` is the last end of the rule, undefined for a new one. */
export function dueMinutes(
  { allowance, patience, catchUp }: Waiting,
  { watermark, now, evaluatedTo }: { watermark: number; now: number; evaluatedTo: number | undefined },
): DueMinutes | undefined {
  const known = floor(Math.min(watermark, now) - allowance);
  const last = Math.max(known, floor(now - patience));
  const first = Math.max((evaluatedTo ?? last - minute) + minute, last - catchUp);
  return first > last ? undefined : { first, last, settled: last <= known };
}
