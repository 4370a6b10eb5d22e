export declare function findInstalled(name: string): string | undefined;
/** Does nothing where neither root nor sudo without a password is to be had. */
export declare function installWithApt(name: string, logFile: string): Promise<void>;
