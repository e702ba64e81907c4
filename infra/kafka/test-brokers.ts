import { inject } from "vitest";
import type {} from "./vitest-global-setup.ts";

/** The brokers of this test run, for any test file; throws what to install when there is no way to get one. */
export async function testBrokers(): Promise<string[]> {
  const response = await fetch(inject("kafkaOnDemand"));
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text.split(",");
}
