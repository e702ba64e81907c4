/**
 * Which derivation the code is: rows derived by another version are derived again. Raise it with every change of the
 * output for some span, in this file's own commit or the change's; a test compares the output on the fixtures with the
 * hash.
 */
export const derivationVersion = 2;

/** SHA-256 of the derivation of all fixtures, in hex. */
export const fixturesHash = "bf140a67f9f5e8e7783c751a4d70e0e42aaf7700462e458022e7d85d9120be8f";
