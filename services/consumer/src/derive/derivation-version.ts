/**
 * Which derivation the code is: rows derived by another version are derived again. Raise it with every change of the
 * output for some span, in this file's own commit or the change's; a test compares the output on the fixtures with the
 * hash.
 */
export const derivationVersion = 1;

/** SHA-256 of the derivation of all fixtures, in hex. */
export const fixturesHash = "e9f78467bd51b4f0d731f5c66118080ace9489161588009dbadc6b6a1b2c8392";
