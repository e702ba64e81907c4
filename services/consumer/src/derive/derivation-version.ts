/**
 * Which derivation the code is: rows derived by another version are derived again. Raise it with every change of the
 * output for some span, in this file's own commit or the change's; a test compares the output on the fixtures with the
 * hash.
 */
export const derivationVersion = 1;

/** SHA-256 of the derivation of all fixtures, in hex. */
export const fixturesHash = "05516f48d1bee9d96c41c9c5414ad803ff5d75e63a1ab5f77b09e0e9d7bc4d5c";
