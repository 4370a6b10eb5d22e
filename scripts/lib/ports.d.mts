export declare function freePort(): Promise<number>;
export declare function usualOrFreePort(usual: number): Promise<number>;
export declare function servicePorts(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, number>>;
