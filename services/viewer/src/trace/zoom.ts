/** The part of a trace's time that is drawn, µs from its origin. */
export interface View {
  readonly from: number;
  readonly to: number;
}

/** Of the address; the whole where it names none or one outside. */
export function viewOf(zoom: string | undefined, extent: View): View {
  const match = zoom === undefined ? null : /^(-?[\d.]+)-([\d.]+)$/.exec(zoom);
  if (!match) return extent;
  const from = Math.max(extent.from, Number(match[1]) * 1000);
  const to = Math.min(extent.to, Number(match[2]) * 1000);
  return from < to ? { from, to } : extent;
}

export function zoomOf({ from, to }: View): string {
  return `${Math.round(from) / 1000}-${Math.round(to) / 1000}`;
}

/** Some four to eight round times within a view, µs. */
export function ticksOf({ from, to }: View, most = 6): readonly number[] {
  const rough = (to - from) / most;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * ([1, 2, 5, 10].find((times) => size * times >= rough) ?? 10);
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick < to; tick += step) ticks.push(tick);
  return ticks;
}
