import "./icon.css";

/** On a square of 16. Drawn, since no text font that is small has them, and fonts of the machine may not either. */
const paths = {
  right: "M3 8h10M9 4l4 4-4 4",
  left: "M13 8H3M7 4L3 8l4 4",
  up: "M8 13V3M4 7l4-4 4 4",
  down: "M8 3v10M4 9l4 4 4-4",
  cross: "M4 4l8 8M12 4l-8 8",
  folded: "M6 4l4 4-4 4",
  unfolded: "M4 6l4 4 4-4",
  barred: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M4.2 4.2l7.6 7.6",
  cut: "M3 8h.01M8 8h.01M13 8h.01",
  stopped: "M4.5 4.5h7v7h-7z",
} as const;
export type IconName = keyof typeof paths;

/** A sign of the text's size and colour. What it means is said beside it. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
