import { useEffect, useRef } from "react";

/** What a key does; `false` leaves the key to the browser. */
export type KeyAction = (event: KeyboardEvent) => unknown;

/**
 * Keys of a page, by `KeyboardEvent.key`, two in a row as `g t`. Not while a person types, not with a modifier, not under
 * an open dialog; Escape alone is heard in fields.
 */
export function useKeys(actions: Readonly<Record<string, KeyAction>>): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    let prefix = "";
    function onKeyDown(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelector("dialog[open]")) return;
      if (event.key !== "Escape" && isTyping(event)) return;
      const pair = `${prefix} ${event.key}`;
      const action = latest.current[pair] ?? latest.current[event.key];
      prefix = event.key === "g" && prefix !== "g" ? "g" : "";
      if (action && action(event) !== false) event.preventDefault();
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !["button", "checkbox", "radio", "submit"].includes(target.type);
}
