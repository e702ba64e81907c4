import { type KeyboardEvent, type PointerEvent, useState } from "react";
import "./splitter.css";

const [least, most, usual] = [25, 75, 52];
const remembered = "trace-share";

/** Per cent of the width that the tree has, as the person last left it. */
export function useShare(): [number, (share: number) => void] {
  const [share, setShare] = useState(() => within(Number(localStorage.getItem(remembered)) || usual));
  return [
    share,
    (next) => {
      setShare(within(next));
      localStorage.setItem(remembered, String(within(next)));
    },
  ];
}

const within = (share: number) => Math.min(most, Math.max(least, share));

/** The line between the tree and the span, moved by pointer or arrows. */
export function Splitter({ share, onShare }: { readonly share: number; readonly onShare: (share: number) => void }) {
  function move(event: PointerEvent<HTMLDivElement>): void {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const around = event.currentTarget.parentElement!.getBoundingClientRect();
    onShare(((event.clientX - around.left) / around.width) * 100);
  }
  function step(event: KeyboardEvent<HTMLDivElement>): void {
    const by = { ArrowLeft: -4, ArrowRight: 4 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    onShare(share + by);
  }
  return (
    <div
      className="splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the tree"
      aria-valuenow={Math.round(share)}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={move}
      onKeyDown={step}
    />
  );
}
