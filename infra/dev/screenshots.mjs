// `npm run screenshots`: pictures of the viewer for docs/images, by a program that runs from source.
import { runOrExit } from "./bootstrap.mjs";

const program = "services/viewer/test/screenshots.ts";
runOrExit(process.execPath, ["--import", "tsx", "--conditions=@spanhouse/source", program]);
