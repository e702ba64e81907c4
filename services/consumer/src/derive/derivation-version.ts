/**
 * Which derivation the code is: rows derived by another version are derived again. Raise it with every change of the
 * output for some span, in this file's own commit or the change's; a test compares the output on the fixtures with the
 * hash.
 */
export const derivationVersion = 2;

/** SHA-256 of the derivation of all fixtures, in hex. */
export const fixturesHash = "4a13c558f12089a83cc5853c3b0c98761f6fd7714e8e92f0738bda21813d4a90";
