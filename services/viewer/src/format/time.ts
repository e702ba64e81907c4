const day = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minutes = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

/** Local: `23 Nov 03:14:07`. */
export const dayAndClock = (time: string | number): string => {
  const date = new Date(time);
  return `${day.format(date)} ${clock.format(date)}`;
};

/** Local: `23 Nov 03:14`. */
export const dayAndMinute = (time: string | number): string => {
  const date = new Date(time);
  return `${day.format(date)} ${minutes.format(date)}`;
};

/** `12 s ago`, `4 m ago`, `3 h ago`, `2 d ago`. */
export function ago(time: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** RFC 3339 with up to nine digits of a second, as whole Unix ms and the µs beyond it. */
function parts(time: string): { readonly ms: number; readonly us: number } {
  const fraction = /\.(\d{1,9})/.exec(time)?.[1]?.padEnd(9, "0") ?? "000000000";
  return { ms: Date.parse(time.replace(/\.\d+/, `.${fraction.slice(0, 3)}`)), us: Number(fraction.slice(3)) / 1000 };
}

/** Microseconds from one time to another, exact to the nanosecond within a century's worth of days. */
export function microsecondsBetween(from: string, to: string): number {
  const a = parts(from);
  const b = parts(to);
  return (b.ms - a.ms) * 1000 + (b.us - a.us);
}
