// Asking all instances of all services how they are: one question, as many answers as there are processes.
import { noticeSubjects, ServiceStatus, type ServiceName } from '@postrider/contracts';
import type { Messaging } from './connection.js';

/** Answers whoever asks. A status that can't be found out goes unanswered, which shows as what it is. */
export function answerStatus(messaging: Messaging, status: () => Promise<ServiceStatus>): void {
  messaging.subscribe(noticeSubjects.statusAsked, ({ reply }) => {
    if (reply === undefined || reply === '') return;
    status().then(
      (answer) => messaging.publish(reply, JSON.stringify(answer)),
      () => undefined,
    );
  });
}

export interface AskStatusOptions {
  /** Of which at least one instance is waited for. */
  readonly services: readonly ServiceName[];
  readonly timeoutMs: number;
  /** How long after the last answer another instance is still waited for: how many there are nobody knows. */
  readonly quietMs: number;
}

/** Who has answered in time; nobody while NATS is away. */
export async function askStatus(messaging: Messaging, options: AskStatusOptions): Promise<ServiceStatus[]> {
  const answers: ServiceStatus[] = [];
  if (!messaging.isConnected) return answers;
  const inbox = messaging.newInbox();
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      clearTimeout(quiet);
      if (!subscription.isClosed()) subscription.unsubscribe();
      resolve();
    };
    const timer = setTimeout(end, options.timeoutMs);
    let quiet: NodeJS.Timeout | undefined;
    const subscription = messaging.nats.subscribe(inbox, {
      callback: (error, message) => {
        if (error !== null) return;
        // Of another release, perhaps: what it says can't be shown, and nobody else's answer suffers.
        const answer = ServiceStatus.safeParse(parseJson(message.data));
        if (answer.success) answers.push(answer.data);
        const heard = new Set(answers.map(({ Service }) => Service));
        if (!options.services.every((name) => heard.has(name))) return;
        clearTimeout(quiet);
        quiet = setTimeout(end, options.quietMs);
      },
    });
    messaging.publish(noticeSubjects.statusAsked, '', inbox);
  });
  return answers;
}

function parseJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return undefined;
  }
}
