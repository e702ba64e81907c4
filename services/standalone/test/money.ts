/** Dollars as the API writes them, to pico-dollars. */
export function picoDollars(money: string): bigint {
  const [whole = "0", fraction = ""] = money.split(".");
  return BigInt(whole + fraction.padEnd(12, "0"));
}

export function sumOfMoney(amounts: readonly string[]): bigint {
  return amounts.reduce((sum, money) => sum + picoDollars(money), 0n);
}
