import { parseAlertRule } from "@spanhouse/store/alerts/alert-rule";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keyOf, type Verdicts } from "../src/conditions/verdict.ts";
import { advance } from "../src/group-states.ts";

const rule = (times: { readonly for: string; readonly keep: string }) =>
  parseAlertRule("r", { signal: "error_rate", condition: { kind: "static", above: 0.5, clear: 0.2 }, ...times });

const key = keyOf(["bot"]);
const nobody = { states: [], firing: new Map<string, number>() };

/** A minute each: breached (B), over (.), between the bounds (-), or without a window (space). */
function minutes(text: string): readonly Verdicts[] {
  return [...text].map((letter, i) => {
    const verdict = { breached: letter === "B", over: letter === ".", value: 0, expected: 0 };
    return { end: (i + 1) * 60, groups: new Map(letter === " " ? [] : [[key, verdict]]) };
  });
}

const events = (text: string, times = { for: "2m", keep: "3m" }) =>
  advance(rule(times), nobody, minutes(text)).transitions.map(({ event, end }) => `${event} ${end / 60}`);

test.each([
  ["fires after so long, and not before", "BB.BBB", ["firing 6"]],
  ["is over after so long without a break", "BBB..B....", ["firing 3", "resolved 10"]],
  ["between the bounds it goes on", "BBB..-....", ["firing 3", "resolved 10"]],
  ["a group without windows is over", "BBB    ", ["firing 3", "resolved 7"]],
  ["between the bounds nothing begins", "----BB", []],
  ["again after it was over", "BBB....BBB", ["firing 3", "resolved 7", "firing 10"]],
])("%s", (_, text, expected) => {
  expect(events(text)).toEqual(expected);
});

test("of nothing to wait for, at once", () => {
  expect(events("B.B", { for: "0s", keep: "0s" })).toEqual(["firing 1", "resolved 2", "firing 3"]);
});

test("wherever it stops and goes on, it says the same; what was said is not said again", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("B", ".", "-", " "), { minLength: 1, maxLength: 40 }),
      fc.nat(40),
      fc.nat(40),
      (letters, stop, again) => {
        const all = minutes(letters.join(""));
        const whole = advance(rule({ for: "2m", keep: "3m" }), nobody, all).transitions;
        const first = advance(rule({ for: "2m", keep: "3m" }), nobody, all.slice(0, stop));
        const open = new Map<string, number>();
        for (const { event, end } of first.transitions) {
          if (event === "firing") open.set(key, end);
          else open.delete(key);
        }
        const rest = advance(rule({ for: "2m", keep: "3m" }), { states: first.states, firing: open }, all.slice(stop));
        expect([...first.transitions, ...rest.transitions]).toEqual(whole);
        // It died after it had told, before it noted how far it was: minutes are judged again.
        const from = Math.min(again, stop);
        const early = advance(rule({ for: "2m", keep: "3m" }), nobody, all.slice(0, from));
        const begun = new Map([...open].filter(([, at]) => at > from * 60));
        if (begun.size === 0) return;
        const repeated = advance(
          rule({ for: "2m", keep: "3m" }),
          { states: early.states, firing: begun },
          all.slice(from),
        );
        expect(repeated.transitions).toEqual(whole.filter(({ end }) => end > begun.get(key)!));
      },
    ),
    { numRuns: 500 },
  );
});
