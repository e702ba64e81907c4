/**
 * Which derivation the code is: rows derived by another version are derived again. Raise it with every change of the
 * output for some span, in this file's own commit or the change's; a test compares the output on the fixtures with the
 * hash.
 */
export const derivationVersion = 2;

/** SHA-256 of the derivation of all fixtures, in hex. */
export const fixturesHash = "3588bf61390accf52a05e42a1821faa2263fdde045c2589cf8c5129aca7ab3ae";
