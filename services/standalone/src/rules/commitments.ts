import { dated, globbed, isInForce } from "@spanhouse/consumer/derive/rule-conditions";
import { formatDollars, parseDollars } from "@spanhouse/schemas/money";
import type { Commitment } from "@spanhouse/schemas/rules/price-rule";
import { parsePriceRule } from "@spanhouse/schemas/rules/price-rule";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { StoredRule } from "@spanhouse/store/rule-history";

/** A promise to a provider, and what was spent of it in the month or year that is running, UTC. Dollars as decimals. */
export interface CommitmentUse {
  readonly project: string;
  readonly name: string;
  readonly provider: string;
  readonly from: string;
  readonly to: string;
  readonly committed: string;
  readonly spent: string;
  /** Negative: spent beyond it. */
  readonly remaining: string;
}

/** Of every commitment in force now. Spend is exact cost only; what is estimated or unpriced is not in it. */
export async function commitmentUses(
  clickhouse: ClickHouse,
  rules: readonly StoredRule[],
  now: Date,
): Promise<readonly CommitmentUse[]> {
  const uses: CommitmentUse[] = [];
  for (const { project, name, rule } of rules) {
    const content = parsePriceRule(name, JSON.parse(rule));
    if (content.kind !== "commitment" || !isInForce(dated(content), BigInt(now.getTime()) * 1_000_000n)) continue;
    const { from, to } = period(content.per, now);
    const spent = await spentOf(clickhouse, project, content, from, to);
    const committed = parseDollars(content.amount);
    uses.push({
      ...{ project, name, provider: content.match.provider ?? "*" },
      ...{ from: from.toISOString().slice(0, 10), to: to.toISOString().slice(0, 10) },
      ...{
        committed: formatDollars(committed),
        spent: formatDollars(spent),
        remaining: formatDollars(committed - spent),
      },
    });
  }
  return uses;
}

function period(per: Commitment["per"], now: Date): { readonly from: Date; readonly to: Date } {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return per === "year"
    ? { from: new Date(Date.UTC(year, 0)), to: new Date(Date.UTC(year + 1, 0)) }
    : { from: new Date(Date.UTC(year, month)), to: new Date(Date.UTC(year, month + 1)) };
}

async function spentOf(
  clickhouse: ClickHouse,
  project: string,
  { match }: Commitment,
  from: Date,
  to: Date,
): Promise<bigint> {
  const rows = await clickhouse.query<{ provider: string; cost: string }>(
    `SELECT provider, sum(cost) AS cost FROM spend(from = {from:UInt32}, to = {to:UInt32}, grain = 'day')
     WHERE {project:String} = '' OR project = {project:String} GROUP BY provider`,
    { project, from: from.getTime() / 1000, to: to.getTime() / 1000 },
  );
  const fits = globbed(match.provider);
  return rows.filter(({ provider }) => fits(provider)).reduce((sum, { cost }) => sum + parseDollars(cost), 0n);
}
