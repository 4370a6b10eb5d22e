export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface FuzzResult {
  readonly sent: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly made: readonly { readonly path: string; readonly body: unknown }[];
  readonly faults: readonly { readonly request: FuzzRequest; readonly fault: string }[];
}

export declare function fuzz(options: {
  readonly url: string;
  readonly key: string;
  readonly count: number;
  readonly seed: number;
  /** Ids by the path part that they follow: `{ webhooks: ['…'] }`. */
  readonly known: Readonly<Record<string, readonly string[]>>;
  readonly parallel?: number;
  readonly onProgress?: (sent: number) => void;
}): Promise<FuzzResult>;
