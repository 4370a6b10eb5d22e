// The pieces that an AsyncAPI document is put together of.

export type Json = Record<string, unknown>;

export interface Part {
  readonly channels: Json;
  readonly operations: Json;
  readonly messages: Json;
  readonly schemas: readonly string[];
}

export const schemaRef = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
export const messageRef = (name: string): Json => ({ $ref: `#/components/messages/${name}` });
export const channelRef = (name: string): Json => ({ $ref: `#/channels/${name}` });
export const onChannel = (channel: string, message: string): Json => ({
  $ref: `#/channels/${channel}/messages/${message}`,
});

export const organizationParameter = {
  OrganizationId: { description: 'Id of the organization, a UUID in lower case.' },
};

/** Messages of which the JSON is but the head, before raw bytes. */
export const framed = 'application/vnd.postrider.frame';
