import { picoDollars } from "../format/money.ts";
import "./change.css";

interface ChangeProps {
  readonly now: number | string | null | undefined;
  readonly before: number | string | null | undefined;
  /** `rate`: 0 to 1, told in points. */
  readonly of: "money" | "number" | "rate";
  /** More of it is worse. */
  readonly worse?: boolean;
}

/** What became of a figure since the period before. */
export function Change({ now, before, of, worse = false }: ChangeProps) {
  const share = changeOf(now, before, of);
  if (share === undefined) return <span className="change muted">nothing before</span>;
  const text =
    of === "rate" ? `${signed(share * 100, 1)} pt` : `${signed(share * 100, Math.abs(share) < 0.1 ? 1 : 0)}%`;
  const still = Math.abs(share) < 0.002;
  const tone = still || !worse ? "" : share > 0 ? "change-worse" : "change-better";
  return <span className={`change numbers ${tone}`}>{still ? "as before" : `${text} to before`}</span>;
}

/** Relative; of rates the difference. Undefined where there was nothing before. */
export function changeOf(
  now: ChangeProps["now"],
  before: ChangeProps["before"],
  of: ChangeProps["of"],
): number | undefined {
  if (now == null || before == null) return undefined;
  if (of === "rate") return Number(now) - Number(before);
  if (of === "number") return Number(before) === 0 ? undefined : Number(now) / Number(before) - 1;
  const [after, was] = [picoDollars(String(now)), picoDollars(String(before))];
  return was === 0n ? undefined : Number(((after - was) * 100_000n) / was) / 100_000;
}

function signed(value: number, places: number): string {
  const text = Math.abs(value) >= 1000 ? Math.abs(value).toExponential(1) : Math.abs(value).toFixed(places);
  return `${value < 0 ? "−" : "+"}${text}`;
}
