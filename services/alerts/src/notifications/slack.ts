import { explanationOf, type Notification } from "./notification.ts";

const colours = { info: "#2f7de1", warning: "#d9a400", critical: "#d0342c" } as const;
const resolvedColour = "#2e9e5b";

/** Text that Slack takes as text: three characters are its own. */
const plain = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The body of an incoming webhook of Slack, and of what is shaped like one (Mattermost, Rocket.Chat). */
export function slackMessage(notification: Notification) {
  const { status, severity, project, summary, traces, url } = notification;
  const title = `${status === "firing" ? severity.toUpperCase() : "RESOLVED"} ${summary}`;
  const explanation = explanationOf(notification);
  const lines = [
    ...(explanation === "" ? [] : [`Explained by ${plain(explanation)}`]),
    ...traces.map((trace) => {
      const named = trace.url === null ? trace.trace_id : `<${trace.url}|${plain(trace.name || trace.trace_id)}>`;
      return `• ${named}: ${plain(trace.why)}`;
    }),
    ...(notification.settled ? [] : ["Evaluated before all spans of the minute were known to be there."]),
  ];
  return {
    text: plain(title),
    attachments: [
      {
        color: status === "firing" ? colours[severity] : resolvedColour,
        title: plain(title),
        ...(url === null ? {} : { title_link: url }),
        text: status === "firing" ? lines.join("\n") : "",
        footer: `Spanhouse · ${plain(project)}`,
        ts: Math.floor(Date.parse(notification.resolved_at ?? notification.fired_at) / 1000),
      },
    ],
  };
}
