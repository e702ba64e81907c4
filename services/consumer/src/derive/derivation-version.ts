/**
 * Which derivation the code is: rows derived by another version are derived again. Raise it with every change of the
 * output for some span, in this file's own commit or the change's; a test compares the output on the fixtures with the
 * hash.
 */
export const derivationVersion = 3;

/** SHA-256 of the derivation of all fixtures, in hex. */
export const fixturesHash = "d1f324c5e10e9b14368424354d91a5cb9dc24ae4251ceb74958baba4a8eb50ac";
