/**
 * Which derivation the code is: rows derived by another version are derived again. Raise it with every change of the
 * output for some span, in this file's own commit or the change's; a test compares the output on the fixtures with the
 * hash.
 */
export const derivationVersion = 4;

/** SHA-256 of the derivation of all fixtures, in hex. */
export const fixturesHash = "357914c752011f6de9f5e9b4e3fe2b469e03be7010630e66dad688a093a271fa";
