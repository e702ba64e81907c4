/**
 * Which derivation the code is: rows derived by another version are derived again. Raise it with every change of the
 * output for some span, in this file's own commit or the change's; a test compares the output on the fixtures with the
 * hash.
 */
export const derivationVersion = 4;

/** SHA-256 of the derivation of all fixtures, in hex. */
export const fixturesHash = "86218039af5d86ea66cf4b9a171de95dac1b7313ab9dd28a525a454db6c8fa3e";
