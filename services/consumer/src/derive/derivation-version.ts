/**
 * Which derivation the code is: rows derived by another version are derived again. Raise it with every change of the
 * output for some span, in this file's own commit or the change's; a test compares the output on the fixtures with the
 * hash.
 */
export const derivationVersion = 1;

/** SHA-256 of the derivation of all fixtures, in hex. */
export const fixturesHash = "d1b16220e53960f38525782dcf8ba755548e792427d15cca91aadde00914a7d2";
