// `npm run screenshots`: pictures of the viewer and of the dashboards for docs/images, by programs that run from source.
import { runOrExit } from "./bootstrap.mjs";

for (const program of [
  "services/viewer/test/screenshots.ts",
  "dashboards/test/pictures/main.ts",
  "dashboards/test/pictures/pipeline-health.ts",
]) {
  runOrExit(process.execPath, ["--import", "tsx", "--conditions=@spanhouse/source", program]);
}
