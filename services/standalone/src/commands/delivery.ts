import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { type DeliveryAccount, readDeliveryAccounts } from "@spanhouse/store/readers/delivery-accounts";
import { createProjectReader } from "@spanhouse/store/readers/project-reader";
import { readSilentInstances } from "@spanhouse/store/readers/silent-instances";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";
import { tableLines } from "../table.ts";
import { minuteRange, timeRangeUsage } from "../time-range.ts";

export const delivery: Command = {
  usage: `spanhouse delivery [--project NAME] [--from TIME] [--to TIME] [--late-after SECONDS] [--json]

What came of what each SDK instance numbered, spans and scores: sent, as it said when it ended ("?": it has not, so that its
tail is unknown), received, lost, received late, and repeated (numbers that several rows have). An instance that began
before the range is counted from its first number within it. Exits with 1 when something was lost.

  --project     of one project; default: all
${timeRangeUsage}
  --late-after  what was stored so many seconds after its end is late; default: 60
  --json        a line for each instance

${deploymentUsage}`,

  async run(args, { environment, signal, print }) {
    const { values } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        options: {
          project: { type: "string" },
          from: { type: "string" },
          to: { type: "string" },
          "late-after": { type: "string", default: "60" },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const late = Number(values["late-after"]);
    if (!Number.isInteger(late) || late < 0) {
      throw new SpanhouseError(
        "CONFIG",
        `--late-after: expected whole seconds; got ${JSON.stringify(values["late-after"])}`,
      );
    }
    const range = minuteRange(values.from, values.to);
    const deployment = await openDeployment(environment, values.data);
    try {
      const { clickhouse } = deployment;
      const accounts: ProjectAccount[] = [];
      for (const project of values.project === undefined ? await projectsOf(clickhouse) : [values.project]) {
        accounts.push(...(await accountsOf(clickhouse, { project, late, ...range }, signal)));
      }
      const lost = accounts.reduce((sum, account) => sum + account.lost, 0);
      if (values.json) for (const account of accounts) print(JSON.stringify(account));
      else for (const line of lines(accounts)) print(line);
      return lost === 0 ? 0 : 1;
    } finally {
      await deployment.close();
    }
  },
};

/** One instance, as `GET /v1/delivery` tells it. */
type ProjectAccount = DeliveryAccount & { readonly project: string };

interface Asked {
  readonly project: string;
  /** Minutes since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly late: number;
}

/** A person's question, not a page's: it may read all there is. */
const limits = { seconds: 3600, memoryBytes: 4 * 1024 ** 3, rows: 10 ** 12, resultRows: 10_000_000 };

async function accountsOf(clickhouse: ClickHouse, asked: Asked, signal: AbortSignal): Promise<ProjectAccount[]> {
  const { project, late } = asked;
  const [from, to] = [asked.from * 60, asked.to * 60];
  const reader = createProjectReader(clickhouse, limits, project, signal);
  const heard = await readDeliveryAccounts(reader, from, to, late, limits.resultRows);
  const silent = await readSilentInstances(reader, from, to);
  return [
    ...heard.map((account) => ({ project, ...account })),
    ...silent.map(({ instance, sent, closedAt }) => ({
      ...{ project, instance, services: [], first_time: closedAt, last_time: closedAt, sent, received: 0 },
      ...{ first_sequence: 0, lost: sent, before_range: 0, tail_unknown: false, repeated: 0, late: 0 },
    })),
  ];
}

async function projectsOf(clickhouse: ClickHouse): Promise<string[]> {
  const rows = await clickhouse.query<{ project: string }>(
    `SELECT DISTINCT project FROM (SELECT project FROM projects UNION ALL SELECT project FROM deliveries
       UNION ALL SELECT DISTINCT project FROM spans UNION ALL SELECT DISTINCT project FROM scores) ORDER BY project`,
  );
  return rows.map(({ project }) => project);
}

function lines(accounts: readonly ProjectAccount[]): string[] {
  if (accounts.length === 0) return ["no SDK instance sent anything in that time"];
  const rows = accounts.map((one) => [
    ...[one.project, one.instance, one.services.join(" "), one.sent ?? "?", one.received, one.lost],
    ...[one.late, one.repeated, one.before_range, one.last_time],
  ]);
  const counted = ["sent", "received", "lost", "late", "repeated", "before range"];
  return tableLines(["project", "instance", "service", ...counted, "last seen"], rows);
}
