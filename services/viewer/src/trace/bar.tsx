import { duration } from "../format/duration.ts";
import type { CriticalStretch } from "./trace-times.ts";
import type { View } from "./zoom.ts";

export interface BarProps {
  readonly view: View;
  /** µs from the origin. */
  readonly start: number;
  readonly end: number;
  readonly tone: "model" | "tool" | "retrieval" | "wrapper" | "other" | "error";
  readonly running?: boolean;
  /** It repeats what is counted elsewhere: drawn hollow. */
  readonly hollow?: boolean;
  /** µs after the start. */
  readonly firstChunk?: number | null;
  readonly critical?: readonly CriticalStretch[] | undefined;
  /** Of a group: where its members lie. */
  readonly members?: readonly CriticalStretch[];
}

/** A stretch of time in the waterfall; nothing where it lies outside of what is shown. */
export function Bar({ view, start, end, tone, running, hollow, firstChunk, critical, members }: BarProps) {
  if (end < view.from || start > view.to) return null;
  const classes = ["stretch", `tone-${tone}`, running && "stretch-running", hollow && "stretch-hollow"];
  const first = firstChunk == null ? undefined : start + firstChunk;
  return (
    <>
      <span
        className={`${classes.filter(Boolean).join(" ")}${members ? " stretch-group" : ""}`}
        style={placeOf(view, start, end)}
      />
      {members?.map(({ from, to }) => (
        <span key={from} className={`stretch tone-${tone}`} style={placeOf(view, from, to)} />
      ))}
      {first !== undefined && first >= view.from && first <= view.to && (
        <span
          className="first-chunk"
          style={{ left: `${share(view, first)}%` }}
          title={`first chunk after ${duration(firstChunk!)}`}
        />
      )}
      {critical?.map(({ from, to }) =>
        to < view.from || from > view.to ? null : (
          <span key={from} className="critical" style={placeOf(view, from, to)} />
        ),
      )}
    </>
  );
}

function share({ from, to }: View, time: number): number {
  return ((time - from) / (to - from)) * 100;
}

/** Clipped to the view, so that a bar of an hour in a view of a millisecond is no element of a million pixels. */
function placeOf(view: View, from: number, to: number) {
  const left = Math.max(0, share(view, from));
  const right = Math.min(100, share(view, to));
  return { left: `${left}%`, width: `max(2px, ${Math.max(0, right - left)}%)` };
}
