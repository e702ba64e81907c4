import { alertRuleSchema, type alertRulesSchema } from "@spanhouse/schemas/api/alerts";
import type { z } from "zod";
import type { ProjectReader } from "./project-reader.ts";

type Entry = z.infer<typeof alertRulesSchema>["rules"][number];

interface Row {
  readonly name: string;
  readonly rule: string;
  readonly version: number;
  readonly changed_by: string;
  readonly changed_at: string;
  readonly firing: string;
  readonly evaluated: string;
  readonly problem: string;
}

/** The project's rules in force, by name, with what their evaluation came to. One of a later version is left out. */
export async function readAlertRules(reader: ProjectReader): Promise<readonly Entry[]> {
  const rows = await reader.query<Row>(
    `SELECT r.name AS name, r.rule AS rule, r.version AS version, r.changed_by AS changed_by, r.changed_at AS changed_at,
       e.firing AS firing, if(p.rule = '', '', formatDateTime(p.evaluated_to, '%Y-%m-%dT%H:%i:%SZ', 'UTC')) AS evaluated,
       p.problem AS problem
     FROM (SELECT name, rule, version, changed_by, changed_at FROM alert_rules WHERE project = {project:String}
           ORDER BY name, version DESC, changed_at DESC, rule DESC LIMIT 1 BY name) AS r
     LEFT JOIN (SELECT * FROM alert_progress FINAL WHERE project = {project:String}) AS p ON p.rule = r.name
     LEFT JOIN (SELECT rule, count() AS firing FROM
       (SELECT rule, episode FROM alert_events WHERE project = {project:String}
        GROUP BY rule, episode HAVING countIf(event = 'resolved') = 0) GROUP BY rule) AS e ON e.rule = r.name
     WHERE r.rule != '' ORDER BY name`,
  );
  return rows.flatMap(({ rule, firing, evaluated, ...row }) => {
    const parsed = alertRuleSchema.safeParse(JSON.parse(rule));
    if (!parsed.success) return [];
    return [{ ...row, rule: parsed.data, firing: Number(firing), evaluated_to: evaluated === "" ? null : evaluated }];
  });
}
