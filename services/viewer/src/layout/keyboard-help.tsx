import { useRef } from "react";
import { Icon } from "./icon.tsx";
import { useKeys } from "./use-keys.ts";
import "./keyboard-help.css";

const sections: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    "Everywhere",
    [
      ["?", "these keys"],
      ["/", "search or filter"],
      ["g o", "overview"],
      ["g t", "traces"],
      ["g c", "conversations"],
      ["g u", "users"],
      ["g a", "alerts"],
    ],
  ],
  [
    "Lists and the tree",
    [
      ["j k down up", "next, previous line"],
      ["Home End", "first, last line"],
      ["Enter", "open"],
    ],
  ],
  [
    "In a trace",
    [
      ["l right", "unfold, then into it"],
      ["h left", "fold, then out of it"],
      ["n N", "next, previous match of the search"],
      ["Enter", "to the span's text; Escape comes back"],
      ["c", "messages"],
      ["b", "exact bytes"],
      ["a", "attributes"],
      ["d", "difference with another trace"],
      ["r", "ask the call again, edited"],
      ["f", "diagnosis: what is wrong, and fixes"],
      ["p", "critical path on or off"],
      ["0", "whole time range"],
      ["Escape", "close the span, leave the search"],
    ],
  ],
];

export function KeyboardHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  useKeys({ "?": () => dialog.current?.showModal() });
  return (
    <>
      <button
        type="button"
        className="bar-button"
        aria-label="Keys"
        title="Keys (?)"
        onClick={() => dialog.current?.showModal()}
      >
        ?
      </button>
      <dialog ref={dialog} className="keys" aria-labelledby="keys-title">
        <div className="keys-head">
          <h2 id="keys-title">Keys</h2>
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
        <div className="keys-sections">
          {sections.map(([title, keys]) => (
            <section key={title}>
              <h3>{title}</h3>
              <dl>
                {keys.map(([key, meaning]) => (
                  <div key={key + meaning}>
                    <dt>
                      {key.split(" ").map((one) => (
                        <kbd key={one}>{isArrow(one) ? <Arrow to={one} /> : one}</kbd>
                      ))}
                    </dt>
                    <dd>{meaning}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </dialog>
    </>
  );
}

type Direction = "left" | "right" | "up" | "down";

function isArrow(key: string): key is Direction {
  return ["left", "right", "up", "down"].includes(key);
}

function Arrow({ to }: { readonly to: Direction }) {
  return (
    <>
      <Icon name={to} />
      <span className="unseen">arrow {to}</span>
    </>
  );
}
