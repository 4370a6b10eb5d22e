export declare function takeLock(file?: string): () => void;
