/** The body of a webhook request (`Data` is what the publisher sent). */
export interface WebhookEvent<Data = Record<string, unknown>> {
  /** The same on every retry and resend: drop what you have seen. */
  readonly Id: string;
  readonly Topic: string;
  /** Epoch milliseconds. */
  readonly CreatedAt: number;
  /** Epoch milliseconds. */
  readonly UpdatedAt: number;
  readonly OrganizationId: string;
  readonly Resource: string | null;
  readonly PreviousData: Data | null;
  /** Where the publisher gave it. */
  readonly Actor?: { readonly Type: string; readonly Id: string };
  /** Where it was published as a CloudEvent. */
  readonly CloudEvent?: {
    readonly Id: string;
    readonly Source: string;
    readonly Subject: string | null;
    readonly DataSchema: string | null;
    readonly Extensions: Readonly<Record<string, string | boolean | number>>;
  };
  readonly Data: Data;
  readonly Metadata: {
    readonly Webhook: { readonly Id: string };
    readonly Delivery: { readonly Id: string };
    readonly Attempt: { readonly Id: string };
    readonly Event: { readonly Id: string; readonly Topic: string };
  };
}
