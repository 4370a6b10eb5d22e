// How much of the fast lane this process takes: as much as finds room in memory, and nothing once it is closed.
import type { DeliveryTask } from '../task.js';
import type { LaneReceiver } from './lane.controller.js';

export interface IntakeOptions {
  /** How many more deliveries this process takes into memory. */
  readonly room: () => number;
  readonly accept: (task: DeliveryTask) => void;
  /** To PostgreSQL, for other dispatchers. */
  readonly handBack: (task: DeliveryTask) => void;
  readonly onInvalid: (error: unknown) => void;
}

/** A look every so often, should no outcome come to wake us (all of them parked, the database away). */
const lookAgainMs = 250;

export class Intake implements LaneReceiver {
  private readonly waiters = new Set<() => void>();
  private isOpen = true;

  constructor(private readonly options: IntakeOptions) {}

  accept(task: DeliveryTask): void {
    if (this.isOpen) this.options.accept(task);
    else this.options.handBack(task);
  }

  async whenRoom(): Promise<void> {
    while (this.isOpen && this.options.room() <= 0) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.waiters.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, lookAgainMs);
        this.waiters.add(wake);
      });
    }
  }

  onInvalid(error: unknown): void {
    this.options.onInvalid(error);
  }

  /** Something has ended: there may be room. */
  look(): void {
    if (this.waiters.size > 0 && this.options.room() > 0) this.wakeAll();
  }

  /** What the lane still brings is handed back. */
  close(): void {
    this.isOpen = false;
    this.wakeAll();
  }

  private wakeAll(): void {
    for (const wake of [...this.waiters]) wake();
  }
}
