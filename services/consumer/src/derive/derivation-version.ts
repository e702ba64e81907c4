/**
 * Which derivation the code is: rows derived by another version are derived again. Raise it with every change of the
 * output for some span, in this file's own commit or the change's; a test compares the output on the fixtures with the
 * hash.
 */
export const derivationVersion = 2;

/** SHA-256 of the derivation of all fixtures, in hex. */
export const fixturesHash = "5df2f7343874e2e282f314403a53c12e4d9e97ab52d2ab68ac920fb5964c0f38";
