import { Anchor, Text, Timeline } from '@mantine/core';
import type { Attempt, DeliveryWithAttempts } from '@postrider/contracts';
import { duration, Time } from '../parts/Time.js';
import { causeOf } from './causes.js';

const triggers: Readonly<Record<Attempt['Trigger'], string>> = {
  event: 'First attempt',
  retry: 'Retry',
  resend: 'Resend',
  ping: 'Ping',
};

/** From the event to the last attempt, with the causes in plain words. */
export function AttemptTimeline({
  delivery,
  shownId,
  onShow,
}: {
  readonly delivery: DeliveryWithAttempts;
  readonly shownId: string | undefined;
  readonly onShow: (id: string) => void;
}) {
  return (
    <Timeline
      bulletSize={20}
      lineWidth={2}
      active={delivery.Attempts.length}
      color="gray.4"
      styles={{ itemBullet: { border: 0, background: 'transparent' } }}
    >
      <Timeline.Item title="Event accepted" bullet={<Bullet mark="" tone="quiet" />}>
        <Text size="sm" c="dimmed">
          <Time at={delivery.CreatedAt} span />
        </Text>
      </Timeline.Item>
      {delivery.Attempts.map((attempt) => (
        <Timeline.Item
          key={attempt.Id}
          title={`${triggers[attempt.Trigger]}: ${attempt.Error === null ? 'received' : 'failed'}`}
          bullet={attempt.Error === null ? <Bullet mark="✓" tone="good" /> : <Bullet mark="✕" tone="bad" />}
        >
          <AttemptLine attempt={attempt} />
          {attempt.Id === shownId ? (
            delivery.Attempts.length > 1 ? (
              <Text size="sm" fw={600}>
                Shown below
              </Text>
            ) : null
          ) : (
            <Anchor component="button" type="button" size="sm" onClick={() => onShow(attempt.Id)}>
              Show attempt {attempt.Number}
            </Anchor>
          )}
        </Timeline.Item>
      ))}
    </Timeline>
  );
}

function Bullet({ mark, tone }: { readonly mark: string; readonly tone: string }) {
  return (
    <span className="bullet" data-tone={tone} aria-hidden="true">
      {mark}
    </span>
  );
}

function AttemptLine({ attempt }: { readonly attempt: Attempt }) {
  const cause = causeOf(attempt);
  return (
    <>
      <Text size="sm" c="dimmed">
        <Time at={attempt.StartedAt} span /> · {duration(attempt.DurationMs)} ·{' '}
        {attempt.StatusCode === null ? 'no answer' : `status ${attempt.StatusCode}`}
      </Text>
      {cause === null ? null : (
        <Text size="sm" title={attempt.Error?.Message}>
          {cause.what} {cause.fix}
        </Text>
      )}
    </>
  );
}
