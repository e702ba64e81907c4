import { expect, test } from "vitest";
import type { Notification } from "../src/notifications/notification.ts";
import { slackMessage } from "../src/notifications/slack.ts";

const firing: Notification = {
  ...{ id: "e.firing", status: "firing", project: "shop", rule: "refusals", episode: "e", severity: "critical" },
  summary: "refusals: refusal rate of <bot> & co is 50 % in 2m; bound: 20 %",
  ...{ group: { service: "<bot> & co" }, labels: {}, value: 0.5, expected: 0.2 },
  ...{ fired_at: "2026-11-20T12:01:00Z", resolved_at: null, settled: true, series: [], kinds: [] },
  traces: [
    { trace_id: "ab".repeat(16), name: "chat <!channel>", why: "refused", url: "https://viewer.test/traces/abab" },
    { trace_id: "cd".repeat(16), name: "", why: "refused", url: null },
  ],
  contributions: [
    { dimension: "response_model", value: "claude-9", share: 0.92, before: 0.01, now: 1 },
    { dimension: "user_id", value: "", share: 0.08, before: 0, now: 0.1 },
  ],
  url: "https://viewer.test/alerts?episode=e",
};

test("an alert for Slack: colour, link, what explains it and its traces, and nothing of a span is markup", () => {
  expect(slackMessage(firing)).toEqual({
    text: "CRITICAL refusals: refusal rate of &lt;bot&gt; &amp; co is 50 % in 2m; bound: 20 %",
    attachments: [
      {
        color: "#d0342c",
        title: "CRITICAL refusals: refusal rate of &lt;bot&gt; &amp; co is 50 % in 2m; bound: 20 %",
        title_link: "https://viewer.test/alerts?episode=e",
        text: [
          "Explained by response_model claude-9 (92 %), user_id (none) (8 %)",
          "• <https://viewer.test/traces/abab|chat &lt;!channel&gt;>: refused",
          `• ${"cd".repeat(16)}: refused`,
        ].join("\n"),
        footer: "Spanhouse · shop",
        ts: Date.UTC(2026, 10, 20, 12, 1) / 1000,
      },
    ],
  });
});

test("one that was evaluated too early says so; one that is over says when, and without a viewer has no link", () => {
  const [early] = slackMessage({ ...firing, settled: false }).attachments;
  expect(early!.text.split("\n").at(-1)).toBe("Evaluated before all spans of the minute were known to be there.");
  const resolved = slackMessage({ ...firing, status: "resolved", resolved_at: "2026-11-20T12:09:00Z", url: null });
  expect(resolved.text).toMatch(/^RESOLVED refusals/);
  expect(resolved.attachments[0]).toMatchObject({
    color: "#2e9e5b",
    text: "",
    ts: Date.UTC(2026, 10, 20, 12, 9) / 1000,
  });
  expect(resolved.attachments[0]).not.toHaveProperty("title_link");
});
