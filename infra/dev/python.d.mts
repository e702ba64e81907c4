export declare function installPython(folder?: string): string | undefined;
