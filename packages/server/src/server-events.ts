import type { Notification } from './information-reporting/notification.ts';
import type { SendReport } from './information-reporting/send-report.ts';
import type { QueuedCommand } from './queue/queued-command.ts';
import type { RegisteredDevice } from './registered-device.ts';
import type { EndReason } from './registration/registration-change.ts';

/** The device of a command, whether it is registered or not. */
export interface CommandTarget {
  /** Its Endpoint Client Name. */
  readonly endpoint: string;
  /** The device, if it is registered. */
  readonly registered: RegisteredDevice | undefined;
}

/** What a server tells. A listener may be asynchronous; if it throws or rejects, `error` is told. */
export interface ServerEvents {
  /** A device registered, and has its answer: requests may go to it. */
  registered: (device: RegisteredDevice) => void | Promise<void>;
  /** A device updated its registration. */
  updated: (device: RegisteredDevice) => void | Promise<void>;
  /** A registration ended. If the device registered anew, `registered` follows with another object. */
  deregistered: (device: RegisteredDevice, reason: EndReason) => void | Promise<void>;
  /** A device reported of something that is observed; loops over observations get the same samples. */
  notify: (device: RegisteredDevice, notification: Notification) => void | Promise<void>;
  /** A device sent values on its own (Send), and has its answer. */
  send: (device: RegisteredDevice, report: SendReport) => void | Promise<void>;
  /** The connection of a device ended: one over TCP, TLS or WebSocket. It stays registered, and is reached when it connects again. */
  disconnected: (device: RegisteredDevice) => void | Promise<void>;
  /** A device in queue mode was heard after it slept, or registered: what waits for it goes now. */
  awake: (device: RegisteredDevice) => void | Promise<void>;
  /** A device in queue mode was not heard for a while, or did not answer: what comes now waits. */
  asleep: (device: RegisteredDevice) => void | Promise<void>;
  /**
   * A command of `device.queue` is over; `command.state` says how. After a crash it may be told once more, never not at all.
   *
   * `device.registered` is `undefined` if the device is not registered now.
   */
  commandFinished: (device: CommandTarget, command: QueuedCommand) => void | Promise<void>;
  /** Something failed where nobody waits for it, a listener for instance. Without a listener it goes to the logger. */
  error: (error: Error, device?: RegisteredDevice) => void | Promise<void>;
}
