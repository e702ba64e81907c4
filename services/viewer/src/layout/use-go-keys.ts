import { useNavigate } from "@tanstack/react-router";
import { useKeys } from "./use-keys.ts";

/** `g` and a letter go to a page. */
export function useGoKeys(): void {
  const navigate = useNavigate();
  useKeys({
    "g o": () => void navigate({ to: "/" }),
    "g t": () => void navigate({ to: "/traces" }),
    "g c": () => void navigate({ to: "/conversations" }),
    "g u": () => void navigate({ to: "/users" }),
    "g a": () => void navigate({ to: "/alerts" }),
  });
}
