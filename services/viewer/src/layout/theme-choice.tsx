import { chooseTheme, themes, useTheme } from "./theme.ts";

const icons = {
  system: <path d="M3 4h14v9H3zM7 16h6" />,
  light: (
    <path d="M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M4.3 15.7l1.4-1.4M14.3 5.7l1.4-1.4" />
  ),
  dark: <path d="M16.5 12A7 7 0 0 1 8 3.5 7 7 0 1 0 16.5 12" />,
} as const;

export function ThemeChoice() {
  const theme = useTheme();
  const next = themes[(themes.indexOf(theme) + 1) % themes.length]!;
  const label = `Theme: ${theme}. Change to ${next}.`;
  return (
    <button type="button" className="bar-button" aria-label={label} title={label} onClick={() => chooseTheme(next)}>
      <svg
        viewBox="0 0 20 20"
        width="16"
        height="16"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        aria-hidden="true"
      >
        {icons[theme]}
      </svg>
    </button>
  );
}
