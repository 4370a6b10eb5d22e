// The sign request as it comes in: framed bytes in, JSON out. Its answers hold no secret but Authorization values, which
// the dispatcher is to send.
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { decodeSignRequest, requestSubjects, type SignItem } from '@postrider/contracts';
import { failureReply } from '@postrider/messaging';
import type { Logger } from '@postrider/runtime';
import { BatchSigner } from './batch-signer.js';

export const signLogger = Symbol('signLogger');

@Controller()
export class SignController {
  constructor(
    @Inject(BatchSigner) private readonly signer: BatchSigner,
    @Inject(signLogger) private readonly logger: Logger,
  ) {}

  @MessagePattern(requestSubjects.sign)
  async sign(@Payload() bytes: Uint8Array): Promise<Uint8Array> {
    let items: SignItem[];
    try {
      items = decodeSignRequest(bytes);
    } catch (error) {
      // Never the message: it may quote the event.
      const kind = error instanceof Error ? error.name : typeof error;
      this.logger.error({ kind, bytes: bytes.length }, 'sign.request.malformed');
      return Buffer.from(failureReply(null));
    }
    return Buffer.from(JSON.stringify(await this.signer.sign(items)));
  }
}
