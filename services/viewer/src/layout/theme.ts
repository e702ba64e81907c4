import { useSyncExternalStore } from "react";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const listeners = new Set<() => void>();
const darkSystem = matchMedia("(prefers-color-scheme: dark)");
darkSystem.addEventListener("change", notify);

function notify(): void {
  for (const listener of listeners) listener();
}

function chosen(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === "light" || theme === "dark" ? theme : "system";
}

export function chooseTheme(theme: Theme): void {
  if (theme === "system") {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem("theme");
  } else {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
  }
  notify();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, chosen);

/** What is seen: what draws with pixels has to draw again when it changes. */
export const useIsDark = (): boolean =>
  useSyncExternalStore(subscribe, () => (chosen() === "system" ? darkSystem.matches : chosen() === "dark"));

/** A colour of the style sheet as canvases take it. */
export function colourOf(name: `--${string}`): string {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
