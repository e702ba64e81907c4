/** Bounds the bytes of request bodies that a process holds, from before they are read until they are answered. */
export interface Admission {
  /** Undefined when that many bytes would pass the bound: then the body must not be read. */
  lease(bytes: number): Lease | undefined;
  heldBytes(): number;
}

export interface Lease {
  /** Makes the lease at least `bytes`; false, and nothing changed, when that would pass the bound. */
  cover(bytes: number): boolean;
  release(): void;
}

export function createAdmission(maxBytes: number): Admission {
  let held = 0;

  function take(bytes: number): boolean {
    if (held + bytes > maxBytes) return false;
    held += bytes;
    return true;
  }

  return {
    lease(bytes) {
      if (!take(bytes)) return undefined;
      let leased = bytes;
      return {
        cover(wanted) {
          if (wanted <= leased) return true;
          if (!take(wanted - leased)) return false;
          leased = wanted;
          return true;
        },
        release() {
          held -= leased;
          leased = 0;
        },
      };
    },
    heldBytes: () => held,
  };
}
