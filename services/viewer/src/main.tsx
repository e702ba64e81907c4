import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ProblemError } from "./api/problem.ts";
import { createViewerRouter } from "./router.tsx";
import "./layout/tokens.css";
import "./layout/base.css";

/** What heals by itself is tried again; what a person must mend is shown at once. */
const healing = new Set(["OFFLINE", "STORE_UNAVAILABLE"]);

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < 3 && error instanceof ProblemError && healing.has(error.code),
      retryDelay: (failures) => 300 * 2 ** failures,
      refetchOnWindowFocus: true,
    },
  },
});

createRoot(document.getElementById("app")!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={createViewerRouter()} />
    </QueryClientProvider>
  </StrictMode>,
);
