/**
 * Which derivation the code is: rows derived by another version are derived again. Raise it with every change of the
 * output for some span, in this file's own commit or the change's; a test compares the output on the fixtures with the
 * hash.
 */
export const derivationVersion = 2;

/** SHA-256 of the derivation of all fixtures, in hex. */
export const fixturesHash = "69137855631a793ff2eb291b4f41b24d7bf7efdc249226495cd3832ef6ffea7d";
