/** Does the feature that the command line names, then `flush`. An error that the feature is about has been caught by it. */
export async function run(features, flush) {
  const feature = process.argv[2];
  if (!features[feature]) throw new Error(`no feature ${feature}`);
  await features[feature]();
  await flush();
  process.exit(0);
}
