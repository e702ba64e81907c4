/** `env`: what its process needs beside this one's environment. Throws where there is none, saying what to install. */
export function findChromium(): { readonly executablePath: string; readonly env: Readonly<Record<string, string>> };
