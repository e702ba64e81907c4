import { traceIdSchema } from "@spanhouse/schemas/api/values";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { Command } from "../command.ts";
import { parseOptions } from "../parse-options.ts";
import { connectionUsage, connectQuery } from "../reading/query-connection.ts";
import { keepCase } from "../replay/case-store.ts";
import { fetchCase } from "../replay/fetch-case.ts";
import { personalIn, redactionOf } from "../replay/redaction.ts";

export const caseCommand: Command = {
  usage: `spanhouse case save TRACE_ID [-o PATH] [--name NAME] [--redact WHAT]... [--json]

Keeps a trace as a regression case for spanhouse replay --set, in JSON lines: the same trace gives the same bytes.

  -o PATH       a folder (default cases), or a file *.jsonl
  --name        the case's; default: the trace's
  --redact      what is taken out of all texts: email, phone, card, ip, or NAME=REGULAR-EXPRESSION; repeated. What a
                replay asks is treated alike before the two are compared
  --json        what was written: {"file", "name", "spans", "unredacted"}

What looks like a person's and was kept is said on standard error, and in unredacted.

${connectionUsage}`,

  async run(args, { environment, print }) {
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          out: { type: "string", short: "o", default: "cases" },
          name: { type: "string" },
          redact: { type: "string", multiple: true, default: [] },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const [action, id = "", ...others] = positionals;
    const traceId = traceIdSchema.safeParse(id.toLowerCase());
    if (action !== "save" || !traceId.success || others.length > 0) {
      throw new SpanhouseError(
        "CONFIG",
        `expected save and a trace id, 32 hex digits; got ${JSON.stringify(positionals.join(" "))}`,
      );
    }
    const redact = values.redact.map(redactionOf);
    const kept = await fetchCase(connectQuery(environment, values.data), traceId.data, { name: values.name, redact });
    const file = keepCase(kept, values.out);
    const unredacted = personalIn(kept.spans.flatMap(({ texts }) => Object.values(texts)));
    if (values.json) print(JSON.stringify({ file, name: kept.name, spans: kept.spans.length, unredacted }));
    else {
      print(file);
      if (unredacted.length > 0) {
        const options = unredacted.map((name) => `--redact ${name}`).join(" ");
        process.stderr.write(`its texts have what looks like ${unredacted.join(", ")}: ${options} takes it out\n`);
      }
    }
    return 0;
  },
};
